package io.concordcache.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class StampTest {
    @Property(tries = 500)
    void strictlyIncreasesWhateverTheClocks(
            @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 1) long last, @ForAll long leaderMillis) {
        assertThat(Stamp.next(last, leaderMillis)).isGreaterThan(last);
    }

    @Property(tries = 500)
    void followsTheClockWhenItIsAhead(@ForAll @LongRange(min = 1, max = (1L << 43) - 1) long leaderMillis) {
        assertThat(Stamp.millis(Stamp.next(Stamp.ZERO, leaderMillis))).isEqualTo(leaderMillis);
    }

    @Test
    void stopsRatherThanGoesBackWhenItIsUsedUp() {
        assertThatThrownBy(() -> Stamp.next(Long.MAX_VALUE, 5)).isInstanceOf(ArithmeticException.class);
    }
}
