package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final List<Fault.Kind> ALL = List.of(Fault.Kind.values());

    private static List<Fault> faults(long seed, int count) {
        Plan plan = new Plan(seed, ALL, 2_500, 60_000);
        return Stream.generate(plan::next).limit(count).toList();
    }

    @Test
    void followsFromItsSeed() {
        assertThat(faults(7, 100)).isEqualTo(faults(7, 100)).isNotEqualTo(faults(8, 100));
    }

    @Test
    void bringsEachKindBeforeAnyComesAgain() {
        List<Fault> faults = faults(1, 5 * ALL.size());
        for (int round = 0; round < 5; round++) {
            assertThat(faults.subList(round * ALL.size(), (round + 1) * ALL.size()))
                    .extracting(Fault::kind)
                    .containsExactlyInAnyOrderElementsOf(ALL);
        }
        assertThat(faults)
                .extracting(Fault::number)
                .isEqualTo(IntStream.rangeClosed(1, faults.size()).boxed().toList());
    }

    @Test
    void stopsAreLongNowAndThenAndNothingElseIs() {
        List<Fault> faults = faults(1, 2_000);
        assertThat(faults).allMatch(fault -> fault.lengthMillis() >= 200 && fault.restMillis() >= 200);
        assertThat(faults)
                .filteredOn(fault -> fault.lengthMillis() > 2_500)
                .hasSizeGreaterThan(20)
                .extracting(Fault::kind)
                .containsOnly(Fault.Kind.STOP_LEADER, Fault.Kind.STOP_FOLLOWER);
    }

    @Test
    void needsSomethingToPlan() {
        assertThatThrownBy(() -> new Plan(1, List.of(), 1, 1)).hasMessageContaining("kinds");
    }

    @Test
    void kindsAreKnownByTheirNames() {
        for (Fault.Kind kind : ALL) {
            assertThat(Fault.Kind.parse(kind.text())).isEqualTo(kind);
        }
        assertThatThrownBy(() -> Fault.Kind.parse("rain"))
                .hasMessageContaining("there is no fault rain")
                .hasMessageContaining("kill-leader");
    }

    @Test
    void whatLivesLongIsNotKilledInASoak() {
        assertThat(EnumSet.copyOf(Mode.SOAK.kinds()))
                .contains(Fault.Kind.STOP_LEADER)
                .doesNotContain(Fault.Kind.KILL_ALL, Fault.Kind.REPLACE);
        assertThat(Mode.NIGHTLY.kinds()).containsExactlyElementsOf(ALL);
    }
}
