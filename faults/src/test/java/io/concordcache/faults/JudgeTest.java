package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.history.Op;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JudgeTest {
    private static final long BASE = 1_000;
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory;

    private final Counts counts = new Counts(BASE);
    private Path journals;
    private Judge judge;

    @BeforeEach
    void open() throws Exception {
        journals = Files.createDirectory(directory.resolve("journals"));
        judge = new Judge(journals, directory.resolve("evidence"), BASE, counts);
    }

    private void notes(String session, String... lines) {
        try (Journal journal = new Journal(journals.resolve(session + "-0.ops"))) {
            journal.done(
                    Stream.of(lines).map(line -> Op.parse(session + " " + line)).toList());
        }
    }

    @Test
    void judgesAGenerationWhenItIsOver() throws Exception {
        notes("m1_1w1", "put s0.1 1001 1005 ok value=1 version=7", "get s1.1 7000000000 7000000001 ok found=");
        notes("c1_2w1", "get s0.1 1006 1007 ok found=");
        judge.judge(BASE + Keys.GENERATION_NANOS - 1);
        assertThat(judge.findings()).isEmpty();
        judge.judge(BASE + Keys.GENERATION_NANOS);
        assertThat(judge.findings()).hasSize(1);
        Judge.Finding finding = judge.findings().get(0);
        assertThat(finding.group()).isEqualTo("s0");
        assertThat(finding.kind()).isEqualTo("violation");
        assertThat(Files.readString(directory.resolve("evidence").resolve("s0.ops")))
                .contains("m1_1w1 put s0.1")
                .doesNotContain("s1.1");
        assertThat(judge.judgedGroups()).isEqualTo(1);
    }

    @Test
    void aWriteWithoutAnAnswerMayHaveBeenDone() {
        try (Journal journal = new Journal(journals.resolve("m1_1w1-0.ops"))) {
            journal.begins(
                    List.of(Op.begun("m1_1w1", Op.Kind.PUT, "s0.1", 1_001).with("value", "1")));
        }
        notes("c1_2w1", "get s0.1 1006 1007 ok found=1", "get s0.2 1008 1009 ok found=");
        judge.judge(BASE + 3 * Keys.GENERATION_NANOS);
        assertThat(judge.findings()).isEmpty();
    }

    @Test
    void entriesEndOnTimeUnlessAClockJumped() {
        String put = "put t0.1 1001 1005 ok value=1 version=7 ttl=" + SECOND;
        String early = "get t0.1 1006 1007 ok found=";
        notes("m1_1w1", put, early);
        judge.judge(BASE + Keys.GENERATION_NANOS);
        assertThat(judge.findings()).isEmpty(); // the bound is a second

        String late = "get t1.1 " + 10 * SECOND + " " + (10 * SECOND + 1) + " ok found=1";
        notes(
                "m1_1w2",
                "put t1.1 " + 7 * SECOND + " " + (7 * SECOND + 1) + " ok value=1 version=7 ttl=" + SECOND,
                late);
        judge.judge(BASE + 2 * Keys.GENERATION_NANOS);
        assertThat(judge.findings()).extracting(Judge.Finding::group).containsExactly("t1");

        judge.jump(BASE + 13 * SECOND, BASE + 14 * SECOND);
        notes(
                "m1_1w3",
                "put t2.1 " + 13 * SECOND + " " + (13 * SECOND + 1) + " ok value=1 version=7 ttl=" + SECOND,
                "get t2.1 " + 17 * SECOND + " " + (17 * SECOND + 1) + " ok found=1");
        judge.judge(BASE + 3 * Keys.GENERATION_NANOS);
        assertThat(judge.findings()).hasSize(1);
    }

    @Test
    void aClearConcernsTheKeysOfItsGenerationAlone() {
        notes(
                "m1_1w1",
                "put m0.1 1001 1005 ok value=1 version=7 index=7 call=1",
                "put m3.1 1001 1005 ok value=2 version=8 index=8 call=2",
                "clear * 1006 1007 ok call=0",
                "get m3.1 1008 1009 ok found=2 call=3");
        judge.judge(BASE + 5 * Keys.GENERATION_NANOS);
        assertThat(judge.findings()).isEmpty();
        assertThat(judge.judgedGroups()).isEqualTo(2);
    }

    @Test
    void whatProcessesFindWrongIsAFinding() {
        try (Journal journal = new Journal(journals.resolve("m1_1listeners.ops"))) {
            journal.wrong("listener of s-0: twice");
        }
        judge.judge(BASE);
        assertThat(judge.findings())
                .extracting(Judge.Finding::what)
                .containsExactly("m1_1listeners.ops: listener of" + " s-0: twice");
    }

    @Test
    void callsAreCountedOnce() {
        notes(
                "m1_1w1",
                "put m0.1 1001 1005 ok value=1 version=7 index=7 call=1",
                "put m0.2 1001 1005 ok value=2 version=7 index=7 call=1",
                "get n0.1 1006 1007 ok found= level=copy",
                "get n0.1 1006 1007 ok found= level=session",
                "cas s0.1 1008 1009 failed expected=4 value=7");
        try (Journal journal = new Journal(journals.resolve("m1_1w2-0.ops"))) {
            journal.begins(
                    List.of(Op.begun("m1_1w2", Op.Kind.PUT, "s0.1", 1_001).with("value", "1")));
            journal.unknown(1_001, 2_000);
            journal.notDone(3_000, 4_000);
        }
        judge.judge(BASE);
        Report.Operations total = counts.total();
        assertThat(total.ok()).isEqualTo(2);
        assertThat(total.conditionFailed()).isEqualTo(1);
        assertThat(total.unknown()).isEqualTo(1);
        assertThat(total.notDone()).isEqualTo(1);
        assertThat(total.byKind())
                .containsEntry("put", 1L)
                .containsEntry("get", 1L)
                .containsEntry("cas", 1L);
        assertThat(counts.of("m1").get(0L).done()).isEqualTo(3);
    }

    @Test
    void journalsThatAreJudgedAreRemovedUnlessSomethingIsWrong() throws Exception {
        notes("m1_1w1", "get s0.1 1006 1007 ok found=");
        judge.judge(BASE + 3 * Keys.GENERATIONS_PER_EPOCH * Keys.GENERATION_NANOS);
        try (Stream<Path> left = Files.list(journals)) {
            assertThat(left).isEmpty();
        }
    }
}
