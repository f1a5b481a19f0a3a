package io.concordcache.raft.core;

import static io.concordcache.raft.core.OneClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionsTest {
    /** Before the new entry can be seen the number differs, and it is odd: whoever reads just then remembers nothing. */
    @Test
    void aNumberIsOddWhileItsKeyIsBeingChanged() {
        Revisions revisions = new Revisions();
        List<Long> meanwhile = new ArrayList<>();
        CacheData data = new CacheData(
                new CacheInfo(1, CacheDefinition.named("c")),
                deadline -> meanwhile.add(revisions.of(bytes("k"))),
                revisions);
        List<Long> rests = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            rests.add(revisions.of(bytes("k")));
            data.restore(bytes("k"), Entry.of(bytes("v"), i, 1_000 + i));
        }
        rests.add(revisions.of(bytes("k")));

        assertThat(meanwhile).hasSize(3).allMatch(number -> number % 2 != 0).doesNotHaveDuplicates();
        assertThat(rests).allMatch(number -> number % 2 == 0).isSorted().doesNotHaveDuplicates();
        assertThat(meanwhile).doesNotContainAnyElementsOf(rests);
    }

    @Test
    void noNumberComesTwiceWhenTheyBecomeMore() {
        Revisions revisions = new Revisions();
        Map<Bytes, Long> last = new HashMap<>();
        for (int keys = 1; keys < 20_000; keys++) {
            Bytes key = bytes("k" + keys % 50);
            long before = revisions.of(key);
            revisions.changing(key, keys);
            revisions.changed(key);
            assertThat(revisions.of(key)).isGreaterThan(before).isEven();
            last.merge(key, revisions.of(key), (one, two) -> {
                assertThat(two).isGreaterThan(one);
                return two;
            });
        }
        assertThat(last).hasSize(50);
    }
}
