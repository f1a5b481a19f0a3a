package io.concordcache.hibernate.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.hibernate.stress.Observation.What;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Observation BEGUN = new Observation(What.BEGUN, 0, 1, 100, 101);
    private static final Observation WRITTEN = new Observation(What.WRITTEN, 0, 1, 100, 200);

    private static List<String> verdict(Observation read) {
        return Verdict.of(List.of(BEGUN, WRITTEN, read), 2);
    }

    @Test
    void whileACommitRunsBothStatesMayBeRead() {
        assertThat(verdict(new Observation(What.READ, 0, 0, 150, 160))).isEmpty();
        assertThat(verdict(new Observation(What.READ, 0, 1, 150, 160))).isEmpty();
        assertThat(verdict(new Observation(What.SUM, 0, 0, 150, 160))).isEmpty();
        assertThat(verdict(new Observation(What.SUM, 0, 1, 150, 160))).isEmpty();
    }

    @Test
    void theOldStateAfterTheCommitIsFound() {
        assertThat(verdict(new Observation(What.READ, 0, 0, 201, 210))).hasSize(1);
        assertThat(verdict(new Observation(What.MARKED, 0, 0, 201, 210))).hasSize(1);
        assertThat(verdict(new Observation(What.SUM, 0, 0, 201, 210))).hasSize(1);
        assertThat(verdict(new Observation(What.READ, 0, 1, 201, 210))).isEmpty();
    }

    @Test
    void whatIsNotCommittedYetIsFound() {
        assertThat(verdict(new Observation(What.READ, 0, 1, 50, 60))).hasSize(1);
        assertThat(verdict(new Observation(What.SUM, 0, 2, 300, 310))).hasSize(1);
    }

    @Test
    void aCommitWhoseEndIsNotKnownMayHaveHappenedOrNot() {
        Observation zero = new Observation(What.READ, 0, 0, 300, 310);
        Observation one = new Observation(What.READ, 0, 1, 300, 310);
        assertThat(Verdict.of(List.of(BEGUN, zero, one), 1)).isEmpty();
    }

    @Test
    void aLineIsReadAsItWasWritten() {
        assertThat(Observation.of(WRITTEN.line().strip())).isEqualTo(WRITTEN);
    }
}
