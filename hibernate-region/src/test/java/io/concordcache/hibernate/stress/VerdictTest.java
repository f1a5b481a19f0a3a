package io.concordcache.hibernate.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.hibernate.stress.Observation.What;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row 0 is inserted at 100 to 200, its content changes at 300 to 400, it is deleted at 500 to 600; row 1 is inserted with it. */
class VerdictTest {
    private static final List<Observation> WRITTEN = List.of(
            new Observation(What.BEGUN, 0, 100, 100, "t1", "1", "a", "n", "m"),
            new Observation(What.BEGUN, 1, 100, 100, "t1", "1", "x", "y", "z"),
            new Observation(What.COMMITTED, 0, 200, 200, "t1"),
            new Observation(What.BEGUN, 0, 300, 300, "t2", "2", "b", "=", "="),
            new Observation(What.COMMITTED, 0, 400, 400, "t2"),
            new Observation(What.BEGUN, 0, 500, 500, "t3", "3", "-", "-", "-"),
            new Observation(What.COMMITTED, 0, 600, 600, "t3"));

    private static List<String> verdict(List<Observation> written, Observation... read) {
        List<Observation> all = new ArrayList<>(List.of(read));
        all.addAll(written);
        return Verdict.of(all::stream, 2);
    }

    private static void assertRight(long from, long to, What what, String... words) {
        assertThat(verdict(WRITTEN, new Observation(what, 0, from, to, words))).isEmpty();
    }

    private static void assertWrong(long from, long to, What what, String... words) {
        assertThat(verdict(WRITTEN, new Observation(what, 0, from, to, words))).hasSize(1);
    }

    @Test
    void whileACommitRunsBothStatesMayBeRead() {
        assertRight(310, 320, What.ROW, "a", "n");
        assertRight(310, 320, What.ROW, "b", "n");
        assertRight(510, 520, What.MARKS, "m");
        assertRight(510, 520, What.MARKS, "-");
        assertRight(510, 520, What.NAMED, "n", "true");
        assertRight(510, 520, What.NAMED, "n", "false");
        assertRight(310, 320, What.ALL, "a", "x");
        assertRight(310, 320, What.ALL, "b", "x");
    }

    @Test
    void theOldStateAfterTheCommitIsFound() {
        assertWrong(401, 410, What.ROW, "a", "n");
        assertWrong(601, 610, What.MARKS, "m");
        assertWrong(601, 610, What.NAMED, "n", "true");
        assertWrong(401, 410, What.ALL, "a", "x");
    }

    @Test
    void whatIsNotCommittedYetIsFound() {
        assertWrong(210, 220, What.ROW, "b", "n");
        assertWrong(50, 60, What.MARKS, "m");
        assertWrong(50, 60, What.NAMED, "n", "true");
        assertWrong(210, 220, What.ALL, "b", "x");
    }

    @Test
    void whatNeverWasIsFound() {
        assertWrong(0, 1000, What.ROW, "c", "n");
        assertWrong(0, 1000, What.ROW, "-", "n");
    }

    @Test
    void whatIsCarriedOverCounts() {
        assertRight(410, 420, What.MARKS, "m");
        assertRight(410, 420, What.NAMED, "n", "true");
        assertWrong(410, 420, What.NAMED, "n", "false");
    }

    @Test
    void theRowsOfOneResultAreOfOneMoment() {
        assertRight(50, 220, What.ALL, "-", "-");
        assertRight(50, 220, What.ALL, "a", "x");
        assertWrong(50, 1000, What.ALL, "b", "-");
    }

    @Test
    void aCommitWhoseEndIsNotKnownMayHaveHappenedOrNot() {
        List<Observation> unknown = WRITTEN.subList(0, 4);
        assertThat(verdict(
                        unknown,
                        new Observation(What.ROW, 0, 700, 710, "a", "n"),
                        new Observation(What.ROW, 0, 700, 710, "b", "n")))
                .isEmpty();
    }

    @Test
    void whoTakesTheNextNumberShowsThatItHas() {
        List<Observation> unknown = new ArrayList<>(WRITTEN);
        unknown.remove(4);
        assertThat(verdict(unknown, new Observation(What.ROW, 0, 501, 510, "a", "n")))
                .hasSize(1);
    }

    @Test
    void whoTakesTheSameNumberShowsThatItHasNot() {
        List<Observation> rolledBack = new ArrayList<>(WRITTEN.subList(0, 3));
        rolledBack.add(new Observation(What.BEGUN, 0, 250, 250, "t0", "2", "c", "=", "="));
        rolledBack.addAll(WRITTEN.subList(3, 7));
        assertThat(verdict(rolledBack, new Observation(What.ROW, 0, 310, 320, "c", "n")))
                .hasSize(1);
    }

    @Test
    void aMissingNumberIsFound() {
        assertThat(verdict(WRITTEN.subList(3, 7))).hasSize(1);
    }

    @Test
    void aLineIsReadAsItWasWritten() {
        for (Observation each : WRITTEN) {
            assertThat(Observation.of(each.line().strip())).isEqualTo(each);
        }
        String line = WRITTEN.get(0).line();
        assertThat(Observation.of(line.substring(0, line.length() - 2))).isNull();
    }
}
