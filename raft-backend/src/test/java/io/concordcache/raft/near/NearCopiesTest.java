package io.concordcache.raft.near;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.store.NearBounds;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NearCopiesTest {
    private static final Bytes KEY = Bytes.wrap(new byte[] {1});
    private static final long BOUND = 1_000_000_000;

    private final NearCopies copies = new NearCopies(new NearBounds(10, Duration.ofNanos(BOUND)));

    private static Entry entry(long version) {
        return Entry.of(Bytes.wrap(new byte[] {(byte) version}), version, Expiry.NEVER);
    }

    private static Change put(Bytes key, long stamp) {
        return new Change(Change.Kind.UPDATED, 1, key, null, entry(stamp), stamp);
    }

    private void feed(long index, Change... changes) {
        copies.hearing(index);
        for (Change change : changes) {
            copies.changed(change);
        }
        copies.heard(index);
    }

    private void fence(long now, long index) {
        NearCopies.Fence fence = copies.fence(now);
        assertThat(fence).isNotNull();
        copies.answered(fence, index);
    }

    private Entry get() {
        return copies.get(KEY, 0, 0);
    }

    private void load(long version, long index) {
        copies.loaded(copies.begin(KEY), entry(version), index);
    }

    @Test
    void servesWhatWasLoadedUntilItsBound() {
        feed(5);
        fence(0, 5);
        assertThat(get()).isNull();
        load(3, 5);
        assertThat(get()).isEqualTo(entry(3));
        assertThat(copies.get(KEY, 5, BOUND)).isEqualTo(entry(3));
        assertThat(copies.get(KEY, 5, BOUND + 1)).isNull();
        fence(BOUND, 5);
        assertThat(copies.get(KEY, 5, 2 * BOUND)).isEqualTo(entry(3));
    }

    @Test
    void servesNothingBeforeAFeedAndAFence() {
        load(3, 5);
        feed(5);
        load(3, 5);
        assertThat(get()).isNull();
        fence(0, 6);
        assertThat(get()).as("the feed is behind the fence").isNull();
        feed(6);
        assertThat(get()).isEqualTo(entry(3));
    }

    @Test
    void aFenceCountsFromWhenItWasSent() {
        feed(5);
        load(3, 5);
        NearCopies.Fence fence = copies.fence(0);
        assertThat(copies.fence(1)).as("one at a time").isNull();
        assertThat(copies.fence(BOUND)).as("unless it is not answered").isNotNull();
        copies.answered(fence, 5);
        assertThat(copies.get(KEY, 0, BOUND + 1)).isNull();
    }

    @Test
    void takesNobodyBackBehindWhatHeSaw() {
        feed(5);
        fence(0, 5);
        load(3, 5);
        assertThat(copies.get(KEY, 6, 0)).isNull();
        assertThat(copies.get(KEY, -1, 0)).isEqualTo(entry(3));
        feed(6);
        assertThat(copies.get(KEY, 6, 0)).isEqualTo(entry(3));
    }

    @Test
    void aChangeEndsACopy() {
        feed(5);
        fence(0, 5);
        for (Change.Kind kind : Change.Kind.values()) {
            load(3, 5);
            assertThat(get()).isEqualTo(entry(3));
            feed(5, new Change(kind, 1, KEY, null, null, 2));
            assertThat(get()).as("%s", kind).isNull();
        }
    }

    @Test
    void aReadThatAChangePassedIsNotKept() {
        feed(5);
        fence(0, 5);
        NearCopies.Load load = copies.begin(KEY);
        feed(6, put(KEY, 4));
        copies.loaded(load, entry(3), 5);
        assertThat(get()).isNull();
    }

    /** What was told by a member that was further is told again by the next. */
    @Test
    void aChangeThatIsToldAgainPassesAReadToo() {
        feed(6, put(KEY, 4));
        copies.missed();
        feed(5);
        fence(0, 6);
        NearCopies.Load load = copies.begin(KEY);
        feed(6, put(KEY, 4));
        copies.loaded(load, entry(3), 5);
        assertThat(get()).isNull();
    }

    @Test
    void anAnswerOlderThanTheFeedIsNotKept() {
        feed(6, put(KEY, 4));
        fence(0, 6);
        load(3, 5);
        assertThat(get()).isNull();
        copies.hearing(8);
        copies.changed(put(KEY, 5));
        NearCopies.Load within = copies.begin(KEY);
        copies.heard(8);
        copies.loaded(within, entry(4), 7);
        assertThat(get())
                .as("it began when the change was told, and the index not yet")
                .isNull();
    }

    @Test
    void nothingIsKeptOverAGap() {
        feed(5);
        fence(0, 5);
        load(3, 5);
        NearCopies.Load load = copies.begin(KEY);
        NearCopies.Fence fence = copies.fence(BOUND);
        copies.missed();
        copies.loaded(load, entry(3), 5);
        feed(4); // of a member that lags
        load(3, 4);
        assertThat(get()).as("nothing is known of how fresh this feed is").isNull();
        copies.answered(fence, 5);
        assertThat(copies.get(KEY, 0, BOUND)).isNull();
        feed(5);
        assertThat(copies.get(KEY, 0, BOUND)).isEqualTo(entry(3));
    }

    @Test
    void aFeedThatLagsIsFoundGoodInTheEnd() {
        feed(5);
        load(3, 5);
        fence(0, 7);
        fence(BOUND / 3, 9);
        feed(7);
        assertThat(copies.get(KEY, 0, BOUND)).isEqualTo(entry(3));
    }

    @Test
    void neverExceedsItsBound() {
        feed(5);
        for (int i = 0; i < 200; i++) {
            Bytes key = Bytes.wrap(new byte[] {2, (byte) i});
            copies.loaded(copies.begin(key), entry(3), 5);
            assertThat(copies.size()).isLessThanOrEqualTo(10);
        }
    }
}
