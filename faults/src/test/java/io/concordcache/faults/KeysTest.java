package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.faults.Keys.Key;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final long BASE = -5_000_000_000_000L; // the monotonic clock begins anywhere

    private static long at(long generation) {
        return BASE + generation * Keys.GENERATION_NANOS + 17;
    }

    @Test
    void processesAgreeOnKeysAndGoOnTogether() {
        Keys one = new Keys(BASE, 5);
        Keys other = new Keys(BASE, 5);
        Key key = one.take(Mix.Group.SINGLE, 3, at(4));
        assertThat(other.take(Mix.Group.SINGLE, 3, at(4))).isEqualTo(key);
        assertThat(key.name()).isEqualTo("s4.3");
        assertThat(Keys.groupOf(key.name())).isEqualTo("s4");
        assertThat(one.take(Mix.Group.SINGLE, 3, at(5)).name()).isEqualTo("s5.3");
        assertThat(one.take(Mix.Group.MANY, 1, at(5)).cache()).isEqualTo("m-5");
        assertThat(key.cache()).isEqualTo("s-0");
    }

    @Test
    void noKeyIsUsedMoreOftenThanACheckerCanBear() {
        int processes = 5;
        Map<String, Integer> used = new HashMap<>();
        for (int process = 0; process < processes; process++) {
            Keys keys = new Keys(BASE, processes);
            for (int i = 0; i < 1_000; i++) {
                used.merge(keys.take(Mix.Group.TTL, 2, at(1)).name(), 1, Integer::sum);
            }
        }
        assertThat(used).hasSize(10).containsKey("t1.2").containsKey("t1.10");
        assertThat(used.values()).allMatch(count -> count <= 500);
    }

    @Test
    void outcomesThatAreNotKnownEndAKeyToo() {
        int processes = 4;
        Keys keys = new Keys(BASE, processes);
        Key first = keys.take(Mix.Group.SINGLE, 0, at(1));
        keys.unknown(first);
        assertThat(keys.take(Mix.Group.SINGLE, 0, at(1))).isEqualTo(first);
        keys.unknown(first);
        assertThat(keys.take(Mix.Group.SINGLE, 0, at(1)).name()).isEqualTo("s1.16");
        assertThat(keys.take(Mix.Group.SINGLE, 1, at(1)).name()).isEqualTo("s1.1");
    }
}
