package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Change.Kind;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Bytes KEY = Worker.bytes("k");

    private final Watch watch = new Watch("c");

    private static Entry entry(long version) {
        return version == 0 ? null : Entry.of(Worker.bytes("v"), version, Expiry.NEVER);
    }

    private void change(Kind kind, long before, long after, long stamp) {
        watch.changed(new Change(kind, 1, KEY, entry(before), entry(after), stamp));
    }

    @Test
    void changesThatFollowEachOtherAreWell() {
        change(Kind.UPDATED, 3, 5, 5); // it listens from here on
        change(Kind.UPDATED, 5, 6, 6);
        change(Kind.TOUCHED, 6, 6, 7);
        change(Kind.REMOVED, 6, 0, 8);
        change(Kind.CREATED, 0, 9, 9);
        assertThat(watch.takeWrong()).isEmpty();
        assertThat(watch.events()).isEqualTo(5);
        assertThat(watch.versions()).isEqualTo(Map.of(KEY, 9L));
    }

    @Test
    void oneThatIsMissingIsNoticed() {
        change(Kind.CREATED, 0, 5, 5);
        change(Kind.UPDATED, 6, 7, 7);
        assertThat(watch.takeWrong()).hasSize(1).first().asString().contains("version 5 was heard of last");
        assertThat(watch.takeWrong()).isEmpty();
    }

    @Test
    void oneThatComesTwiceOrTooLateIsNoticed() {
        change(Kind.CREATED, 0, 5, 5);
        change(Kind.CREATED, 0, 5, 5);
        assertThat(watch.takeWrong()).hasSize(1);
        change(Kind.UPDATED, 5, 4, 4);
        assertThat(watch.takeWrong()).hasSize(1);
    }

    @Test
    void whatWasSaidToBeMissedMayBeMissing() {
        change(Kind.CREATED, 0, 5, 5);
        watch.missed();
        change(Kind.UPDATED, 6, 7, 7);
        assertThat(watch.takeWrong()).isEmpty();
        assertThat(watch.gaps()).isEqualTo(1);
    }

    @Test
    void aClearEndsAllKeys() {
        change(Kind.CREATED, 0, 5, 5);
        watch.changed(new Change(Kind.CLEARED, 1, Bytes.EMPTY, null, null, 6));
        change(Kind.CREATED, 0, 7, 7);
        assertThat(watch.takeWrong()).isEmpty();
    }
}
