package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MixTest {
    private static List<Mix.Step> steps(long seed, int count) {
        Mix mix = new Mix(seed);
        return Stream.generate(mix::next).limit(count).toList();
    }

    @Test
    void followsFromItsSeed() {
        assertThat(steps(7, 1_000)).isEqualTo(steps(7, 1_000)).isNotEqualTo(steps(8, 1_000));
    }

    @Test
    void asksForEachActionAsOftenAsItsWeightSays() {
        int count = 100_000;
        Map<Mix.Action, Integer> counts = new EnumMap<>(Mix.Action.class);
        int weights = 0;
        for (Mix.Action action : Mix.Action.values()) {
            weights += action.weight();
        }
        for (Mix.Step step : steps(1, count)) {
            counts.merge(step.action(), 1, Integer::sum);
            assertThat(step.slot()).isBetween(0, step.action().group().slots() - 1);
            assertThat(step.ttlMillis()).isPositive();
        }
        for (Mix.Action action : Mix.Action.values()) {
            int expected = count * action.weight() / weights;
            assertThat(counts.get(action)).isBetween(expected * 8 / 10, expected * 12 / 10);
        }
    }
}
