package io.concordcache.raft.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a history may look like and what not, by examples. */
class CheckerTest {
    private static final Rules TTL = new Rules(5, false, 0, 1000);

    private static Verdict check(Rules rules, String... lines) {
        return Checker.check(Stream.of(lines).map(Op::parse).toList(), rules);
    }

    private static void isOk(Rules rules, String... lines) {
        assertThat(check(rules, lines)).isEqualTo(Verdict.OK);
    }

    private static void isNot(Rules rules, String because, String... lines) {
        Verdict verdict = check(rules, lines);
        assertThat(verdict.isViolation()).isTrue();
        assertThat(verdict.why()).contains(because);
    }

    @Test
    void aReadSeesWhatHadEnded() {
        isOk(Rules.STRICT, "a put k 1 5 ok value=1", "b get k 4 8 ok found=", "b get k 9 10 ok found=1");
        isNot(Rules.STRICT, "b get k 6 8 ok found=", "a put k 1 5 ok value=1", "b get k 6 8 ok found=");
        isNot(Rules.STRICT, "no order", "a put k 1 9 ok value=1", "b get k 2 3 ok found=1", "c get k 4 5 ok found=");
    }

    @Test
    void whatIsUnknownMayHappenLateOrNeverButNotTwice() {
        isOk(Rules.STRICT, "a put k 1 - unknown value=1", "b get k 6 8 ok found=", "b get k 90 91 ok found=1");
        isNot(
                Rules.STRICT,
                "not linearizable",
                "a put k 1 - unknown value=1",
                "b get k 6 8 ok found=1",
                "b get k 9 10 ok found=",
                "b get k 11 12 ok found=1");
    }

    @Test
    void conditionsAreThoseOfTheirTime() {
        isOk(
                Rules.STRICT,
                "a put_if_absent k 1 2 ok value=1 version=7",
                "b put_if_absent k 1 4 failed value=2",
                "a replace k 5 6 failed expected=2 value=3",
                "a replace k 7 8 ok expected=1 value=3 version=9",
                "b cas k 9 10 failed expected=7 value=4",
                "b cas k 11 12 ok expected=9",
                "b touch k 13 14 failed",
                "b remove k 15 16 failed");
        isNot(Rules.STRICT, "put_if_absent", "a put_if_absent k 1 2 ok value=1", "b put_if_absent k 1 4 ok value=2");
        isNot(Rules.STRICT, "cas", "a put k 1 2 ok value=1 version=7", "b cas k 3 4 failed expected=7 value=2");
    }

    @Test
    void anEntryLivesAsLongAsItWasGivenNotLonger() {
        String put = "a put k 100 110 ok value=1 ttl=50";
        isOk(TTL, put, "b get k 144 144 ok found=1", "b get k 145 145 ok found=");
        isNot(TTL, "no place for", put, "b get k 144 144 ok found=");
        isOk(TTL, put, "b get k 165 165 ok found=1");
        isNot(TTL, "found=1", put, "b get k 166 166 ok found=1");
        isNot(TTL, "found=1", put, "b get k 150 151 ok found=", "b get k 152 153 ok found=1");
        isOk(TTL, put, "b touch k 120 121 ok ttl=100", "b get k 200 201 ok found=1", "b get k 230 231 ok found=");
    }

    @Test
    void onlyABoundedCacheEvicts() {
        String[] lines = {"a put k 1 2 ok value=1", "b get k 3 4 ok found="};
        isOk(new Rules(0, true, 0, 1000), lines);
        isNot(Rules.STRICT, "no order", lines);
    }

    @Test
    void whatIsTooMuchIsNotOk() {
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ops.add(Op.parse("a" + i + " put k 1 100 ok value=" + i % 7));
        }
        ops.add(Op.parse("b get k 101 102 ok found=nobody"));
        Verdict verdict = Search.check("k", ops, new Rules(0, false, 0, 1000));
        assertThat(verdict.result()).isEqualTo(Verdict.Result.UNKNOWN);
    }

    @Test
    void keysFollowTheLogTogether() {
        String[] puts = {
            "a put x 1 2 ok value=1 index=5 call=1",
            "a put y 1 2 ok value=1 index=5 call=1",
            "a put x 3 9 ok value=2 index=6 call=2",
            "a put y 3 9 ok value=2 index=6 call=2"
        };
        isOk(Rules.STRICT, with(puts, "b get x 4 5 ok found=2 call=3", "b get y 4 5 ok found=2 call=3"));
        isNot(
                Rules.STRICT,
                "never there at once",
                with(puts, "b get x 4 5 ok found=2 call=3", "b get y 4 5 ok found=1 call=3"));
        isNot(Rules.STRICT, "did not see", with(puts, "b get z 10 12 ok found= index=5"));
        isNot(Rules.STRICT, "another place", "a put x 1 2 ok value=1 index=5", "a put y 3 4 ok value=1 index=4");
        isNot(
                Rules.STRICT,
                "clear",
                with(
                        puts,
                        "c clear * 10 11 ok index=7",
                        "b get x 12 13 ok found= call=3",
                        "b get y 12 13 ok found=2 call=3"));
    }

    private static String[] with(String[] some, String... others) {
        return Stream.concat(Stream.of(some), Stream.of(others)).toArray(String[]::new);
    }

    @Test
    void aSessionGoesOn() {
        String[] puts = {"a put k 1 2 ok value=1 version=3", "a put k 3 4 ok value=2 version=4"};
        String older = "b get k 7 8 ok found=1 version=3 level=session";
        isOk(Rules.STRICT, with(puts, older));
        isNot(Rules.STRICT, "went back", with(puts, "b get k 5 6 ok found=2 version=4 level=session", older));
        isNot(Rules.STRICT, "went back", with(puts, "a get k 7 8 ok found=1 version=3 level=session"));
        isNot(Rules.STRICT, "went back", with(puts, "a get k 7 8 ok found= level=session"));
        isOk(Rules.STRICT, with(puts, "c remove k 5 6 ok", "a get k 7 8 ok found= level=session"));
        isNot(
                Rules.STRICT,
                "went back",
                with(
                        puts,
                        "c remove k 5 6 ok",
                        "a get k 7 8 ok found= level=session",
                        "a get k 9 10 ok found=2 version=4 level=session"));
    }

    @Test
    void evenAnOldValueWasWritten() {
        String put = "a put k 10 20 ok value=1";
        isOk(Rules.STRICT, put, "b get k 30 31 ok found= level=eventual");
        isNot(Rules.STRICT, "nobody", put, "b get k 30 31 ok found=2 level=eventual");
        isNot(Rules.STRICT, "nobody", put, "b get k 8 9 ok found=1 level=eventual");
    }

    @Test
    void aCopyIsNotOlderThanItMayBe() {
        String[] lines = {"a put k 10 20 ok value=1", "a put k 30 40 ok value=2", "b get k 60 61 ok found=1 level=copy"
        };
        isOk(new Rules(0, false, 20, 1000), lines);
        isNot(new Rules(0, false, 19, 1000), "value=2", lines);
    }
}
