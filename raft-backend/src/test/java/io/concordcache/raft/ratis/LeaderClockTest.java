package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderClockTest {
    private final AtomicLong wall = new AtomicLong(1_000_000);
    private final AtomicLong nanos = new AtomicLong(777_000_000);
    private final LeaderClock clock = new LeaderClock(wall::get, nanos::get);

    private void pass(long millis) {
        wall.addAndGet(millis);
        nanos.addAndGet(millis * 1_000_000);
    }

    @Test
    void showsTheWallClock() {
        assertThat(clock.millis()).isEqualTo(1_000_000);
        pass(5);
        assertThat(clock.millis()).isEqualTo(1_000_005);
    }

    @Test
    void goesOnWhenTheWallClockIsSetBack() {
        wall.addAndGet(-500_000);
        pass(7);
        assertThat(clock.millis()).isEqualTo(1_000_007);
    }

    @Test
    void followsTheWallClockForward() {
        wall.addAndGet(500_000);
        assertThat(clock.millis()).isEqualTo(1_500_000);
        pass(3);
        assertThat(clock.millis()).isEqualTo(1_500_003);
    }

    @Test
    void isNotBehindTheLog() {
        clock.startFrom(3_000_000);
        pass(2);
        assertThat(clock.millis()).isEqualTo(3_000_002);
    }

    @Test
    void whenTheLeaderChangesTheEstimateBeginsAnewAndTheTimeThatPassedIsKept() {
        clock.observed(2_000_000);
        pass(300);
        clock.restored(2_000_000);
        clock.restored(2_000_000);
        assertThat(clock.estimate()).isEqualTo(2_000_000);
        assertThat(clock.latest()).isEqualTo(2_000_300);
        pass(5);
        assertThat(clock.latest()).isEqualTo(2_000_305);
    }

    @Test
    void whatTheNewLeaderSaysCounts() {
        clock.observed(2_000_000);
        pass(300);
        clock.restored(2_000_000);
        clock.observed(2_000_100); // its clock is behind
        clock.settled();
        assertThat(clock.latest()).isEqualTo(2_000_100).isEqualTo(clock.estimate());
    }
}
