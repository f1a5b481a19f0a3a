package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.wire.CommandCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Joining, retrying and giving up, over a log that answers when the test says so. */
class GroupCommitTest {
    private static final Command TICK = new Command.Tick();
    private static final Duration LONG = Duration.ofSeconds(30);

    /** Takes entries in and holds their answers back; those to registrations only if told. */
    private static final class HeldLog implements GroupCommit.Log {
        private final List<LogEntry> entries = new CopyOnWriteArrayList<>();
        private final List<CompletableFuture<Applied>> answers = new CopyOnWriteArrayList<>();
        private final CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        private volatile long clockMillis;
        private volatile boolean holdsRegistrations;

        @Override
        public CompletableFuture<Applied> append(LogEntry entry) {
            if (!holdsRegistrations && entry.client().equals(ClientId.NONE)) {
                return CompletableFuture.completedFuture(machine.apply(entry.at(clockMillis)));
            }
            CompletableFuture<Applied> answer = new CompletableFuture<>();
            answers.add(answer);
            entries.add(entry);
            return answer;
        }

        void apply(int index) {
            answers.get(index).complete(machine.apply(entries.get(index).at(clockMillis)));
        }
    }

    private final HeldLog log = new HeldLog();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    private GroupCommit commit(Duration timeout) {
        GroupCommit commit = new GroupCommit(log, scheduler, timeout, 1000, Traces.none());
        commit.start();
        return commit;
    }

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            future.get(10, TimeUnit.SECONDS);
            throw new AssertionError("did not fail");
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void aLoneCommandIsSentAtOnce() throws Exception {
        CompletableFuture<List<Outcome>> answer = commit(LONG).submit(TICK, 1);

        assertThat(log.entries).singleElement().satisfies(entry -> {
            assertThat(entry.sequence()).isEqualTo(1);
            assertThat(entry.commands()).containsExactly(TICK);
        });
        log.apply(0);
        assertThat(answer.get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }

    @Test
    void whatQueuesMeanwhileBecomesOneEntry() {
        GroupCommit commit = commit(LONG);
        List<CompletableFuture<List<Outcome>>> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(commit.submit(TICK, 1));
        }
        assertThat(log.entries).hasSize(1);
        log.apply(0);

        assertThat(log.entries).hasSize(2);
        assertThat(log.entries.get(1).commands()).hasSize(4);
        assertThat(log.entries.get(1).sequence()).isEqualTo(2);
        assertThat(log.entries.get(1).acknowledged()).isEqualTo(1);
        log.apply(1);
        assertThat(answers).allMatch(CompletableFuture::isDone);
    }

    @Test
    void anEntryStaysBelowItsLimit() {
        GroupCommit commit = commit(LONG);
        for (int i = 0; i < 5; i++) {
            var unused = commit.submit(TICK, 400);
        }
        log.apply(0);

        assertThat(log.entries.get(1).commands()).hasSize(2);
    }

    @Test
    void aFailedEntryIsSentAgainUnderItsNumberAndAppliedOnce() throws Exception {
        CompletableFuture<List<Outcome>> answer = commit(LONG).submit(TICK, 1);
        log.machine.apply(log.entries.get(0)); // it reached the log, the answer was lost
        log.answers.get(0).completeExceptionally(new RuntimeException("lost"));

        Awaitility.await().until(() -> log.entries.size() == 2);
        assertThat(log.entries.get(1)).isEqualTo(log.entries.get(0));
        log.apply(1);
        assertThat(log.answers.get(1).get().result()).isEqualTo(Applied.Result.REPEATED);
        assertThat(answer.get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }

    @Test
    void noAnswerInTimeLeavesTheOutcomeUnknown() throws Exception {
        GroupCommit commit = commit(Duration.ofMillis(100));
        CompletableFuture<List<Outcome>> answer = commit.submit(TICK, 1);

        assertThat(failure(answer)).isInstanceOf(OutcomeUnknownException.class).hasMessageContaining("100 ms");
        // and the next ones go on
        var unused = commit.submit(TICK, 1);
        Awaitility.await().until(() -> log.entries.size() == 2);
        assertThat(log.entries.get(1).sequence()).isEqualTo(2);
    }

    @Test
    void anEntryThatNeverGotInWasNotApplied() throws Exception {
        GroupCommit.Log refusing = entry -> entry.client().equals(ClientId.NONE)
                ? log.append(entry)
                : CompletableFuture.failedFuture(new GroupCommit.NotAppendedException("no leader", null));
        GroupCommit commit = new GroupCommit(refusing, scheduler, Duration.ofMillis(100), 1000, Traces.none());
        commit.start();

        assertThat(failure(commit.submit(TICK, 1)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("no leader");
    }

    @Test
    void whatWaitsTooLongInTheQueueWasNotApplied() throws Exception {
        GroupCommit commit =
                new GroupCommit(log, scheduler, Duration.ofMillis(100), 1000, Traces.none()); // swept by hand
        CompletableFuture<List<Outcome>> sent = commit.submit(TICK, 1);
        CompletableFuture<List<Outcome>> queued = commit.submit(TICK, 1);
        commit.sweep(System.nanoTime() + Duration.ofMillis(100).toNanos());

        assertThat(failure(queued)).isInstanceOf(StoreUnavailableException.class);
        assertThat(failure(sent)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(log.entries).hasSize(1);
    }

    /** Nobody is told that there was no answer before there was time to read it. */
    @Test
    void afterThePauseOfAMachineTheFirstLookEndsNothing() throws Exception {
        GroupCommit commit =
                new GroupCommit(log, scheduler, Duration.ofMillis(100), 1000, Traces.none()); // swept by hand
        CompletableFuture<List<Outcome>> sent = commit.submit(TICK, 1);
        long woken = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        commit.sweep(woken);
        assertThat(sent).isNotDone();
        commit.sweep(woken + Duration.ofSeconds(5).toNanos());
        assertThat(failure(sent)).isInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void callersQueueUntilTheSessionIsThere() {
        log.holdsRegistrations = true;
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> one = commit.submit(TICK, 1);
        CompletableFuture<List<Outcome>> two = commit.submit(TICK, 1);
        assertThat(log.entries).containsExactly(LogEntry.registration(0));
        log.apply(0);

        ClientId opened = ClientId.of(log.machine.state().lastStamp());
        assertThat(log.entries).hasSize(2);
        assertThat(log.entries.get(1)).isEqualTo(new LogEntry(0, opened, 1, 0, List.of(TICK, TICK)));
        log.apply(1);
        assertThat(one).isCompletedWithValueMatching(outcomes -> outcomes.get(0).held());
        assertThat(two).isCompletedWithValueMatching(outcomes -> outcomes.get(0).held());
    }

    @Test
    void aRegistrationThatFailsIsSentAgain() {
        log.holdsRegistrations = true;
        CompletableFuture<List<Outcome>> answer = commit(LONG).submit(TICK, 1);
        log.machine.apply(log.entries.get(0)); // it reached the log, the answer was lost
        log.answers.get(0).completeExceptionally(new RuntimeException("lost"));
        Awaitility.await().until(() -> log.entries.size() == 2);
        log.answers.get(1).completeExceptionally(new GroupCommit.NotAppendedException("no leader", null));
        Awaitility.await().until(() -> log.entries.size() == 3);
        log.apply(2);
        log.apply(3);

        assertThat(log.entries.get(3).client()).isEqualTo(ClientId.of(4));
        assertThat(answer)
                .isCompletedWithValueMatching(outcomes -> outcomes.get(0).held());
    }

    @Test
    void whatWaitsTooLongForASessionWasNotApplied() throws Exception {
        log.holdsRegistrations = true;
        GroupCommit commit = commit(Duration.ofMillis(100));
        CompletableFuture<List<Outcome>> answer = commit.submit(TICK, 1);
        log.answers.get(0).completeExceptionally(new RuntimeException("no quorum"));

        assertThat(failure(answer))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("100 ms")
                .hasMessageContaining("no quorum");
        assertThat(log.entries).containsOnly(LogEntry.registration(0));
    }

    /** A registration that is never answered holds nobody up for ever, and is not repeated for nobody. */
    @Test
    void anUnansweredRegistrationIsGivenUp() throws Exception {
        log.holdsRegistrations = true;
        GroupCommit commit = commit(Duration.ofMillis(100));
        assertThat(failure(commit.submit(TICK, 1))).isInstanceOf(StoreUnavailableException.class);
        assertThat(log.entries).hasSize(1);

        while (log.entries.size() == 1) {
            assertThat(failure(commit.submit(TICK, 1))).isInstanceOf(StoreUnavailableException.class);
        }
        assertThat(log.entries).containsOnly(LogEntry.registration(0));
    }

    @Test
    void onlyTheStoreRegisters() {
        GroupCommit commit = commit(LONG);
        assertThatThrownBy(() -> commit.submit(new Command.Register(), 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aForgottenClientGoesOnUnderANewSessionUnnoticed() {
        GroupCommit commit = commit(LONG);
        var unused = commit.submit(TICK, 1);
        log.apply(0);
        log.clockMillis = Duration.ofHours(2).toMillis();
        CompletableFuture<List<Outcome>> forgotten = commit.submit(new Command.Clear(1), 1);
        CompletableFuture<List<Outcome>> queued = commit.submit(TICK, 1);
        log.apply(1);

        assertThat(log.answers.get(1).join().result()).isEqualTo(Applied.Result.CLIENT_UNKNOWN);
        assertThat(log.entries.get(2).client()).isNotEqualTo(log.entries.get(1).client());
        assertThat(log.entries.get(2).sequence()).isEqualTo(1);
        assertThat(log.entries.get(2).commands()).containsExactly(new Command.Clear(1), TICK);
        log.apply(2);
        assertThat(forgotten)
                .isCompletedWithValueMatching(outcomes -> !outcomes.get(0).held());
        assertThat(queued)
                .isCompletedWithValueMatching(outcomes -> outcomes.get(0).held());
    }

    @Test
    void whatSurelyDidNotReachTheLogIsSentAgainUnderANewSession() throws Exception {
        CompletableFuture<List<Outcome>> answer = commit(LONG).submit(TICK, 1);
        log.answers.get(0).completeExceptionally(new GroupCommit.NotAppendedException("no leader", null));
        Awaitility.await().until(() -> log.entries.size() == 2);
        forget();
        log.apply(1);
        log.apply(2);
        assertThat(log.entries.get(2).client()).isNotEqualTo(log.entries.get(1).client());
        assertThat(answer.get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }

    @Test
    void whatMayHaveReachedTheLogIsNotSentUnderANewSession() throws Exception {
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> doubtful = commit.submit(TICK, 1);
        log.answers.get(0).completeExceptionally(new RuntimeException("lost"));
        Awaitility.await().until(() -> log.entries.size() == 2);
        CompletableFuture<List<Outcome>> queued = commit.submit(new Command.Clear(1), 1);
        forget();
        log.apply(1);

        assertThat(failure(doubtful)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(log.entries.get(2).commands()).containsExactly(new Command.Clear(1));
        log.apply(2);
        assertThat(queued).isDone();
    }

    /** The clock jumps, and somebody else's entry makes the log forget this client. */
    private void forget() {
        log.clockMillis = Duration.ofHours(2).toMillis();
        log.machine.apply(LogEntry.registration(log.clockMillis));
    }

    @Test
    void closeEndsThoseWhoWaitForASession() throws Exception {
        log.holdsRegistrations = true;
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> queued = commit.submit(TICK, 1);
        commit.close();

        assertThat(failure(queued)).isInstanceOf(RequestRejectedException.class);
        log.apply(0);
        assertThat(log.entries).hasSize(1);
    }

    @Test
    void closeEndsThoseWhoWaitAndThoseWhoCome() throws Exception {
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> sent = commit.submit(TICK, 1);
        CompletableFuture<List<Outcome>> queued = commit.submit(TICK, 1);
        commit.close();

        assertThat(failure(sent)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(failure(queued)).isInstanceOf(RequestRejectedException.class);
        assertThat(failure(commit.submit(TICK, 1))).isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void aLogThatThrowsIsAFailureLikeAnother() {
        GroupCommit.Log broken = entry -> {
            if (entry.client().equals(ClientId.NONE)) {
                return log.append(entry);
            }
            throw new IllegalStateException("broken");
        };
        GroupCommit commit = new GroupCommit(broken, scheduler, Duration.ofMillis(100), 1000, Traces.none());
        commit.start();

        assertThatThrownBy(() -> commit.submit(TICK, 1).get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("broken");
    }

    private static final RequestRejectedException FORBIDDEN =
            new RequestRejectedException(RequestRejectedException.Reason.FORBIDDEN, "not for you");

    @Test
    void aRefusedEntryIsSentCommandByCommandSoThatOneDoesNotFailTheOthers() throws Exception {
        GroupCommit commit = commit(LONG);
        var unused = commit.submit(TICK, 1);
        List<CompletableFuture<List<Outcome>>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(commit.submit(TICK, 1));
        }
        log.apply(0);
        assertThat(log.entries.get(1).commands()).hasSize(3);
        log.answers.get(1).completeExceptionally(FORBIDDEN);

        assertThat(log.entries.get(2).commands()).hasSize(1);
        CompletableFuture<List<Outcome>> later = commit.submit(TICK, 1);
        log.answers.get(2).completeExceptionally(FORBIDDEN);
        assertThat(failure(answers.get(0))).isSameAs(FORBIDDEN);
        assertThat(log.entries.get(3).commands()).hasSize(1);
        log.apply(3);
        assertThat(log.entries.get(4).commands()).hasSize(1);
        log.apply(4);
        assertThat(answers.get(1).get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
        assertThat(answers.get(2).get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
        log.apply(5);
        assertThat(later.get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }

    @Test
    void aRefusedRegistrationEndsAllThatWait() throws Exception {
        log.holdsRegistrations = true;
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> first = commit.submit(TICK, 1);
        CompletableFuture<List<Outcome>> second = commit.submit(TICK, 1);
        log.answers.get(0).completeExceptionally(FORBIDDEN);
        assertThat(failure(first)).isSameAs(FORBIDDEN);
        assertThat(failure(second)).isSameAs(FORBIDDEN);
        assertThat(log.entries).hasSize(1);
    }

    @Test
    void whatWasRefusedAfterItMayHaveBeenAppliedIsUnknown() throws Exception {
        GroupCommit commit = commit(LONG);
        CompletableFuture<List<Outcome>> answer = commit.submit(TICK, 1);
        log.answers.get(0).completeExceptionally(new IllegalStateException("no answer"));
        Awaitility.await().until(() -> log.entries.size() == 2);
        log.answers.get(1).completeExceptionally(FORBIDDEN);
        assertThat(failure(answer)).isInstanceOf(OutcomeUnknownException.class).hasMessageContaining("not for you");
    }

    /** One entry in flight that joins a command which runs out of time at the moment returned, and one which does not yet. */
    private long twoInOneEntry(
            GroupCommit commit, List<CompletableFuture<List<Outcome>>> answers, CountDownLatch retryHeldBack) {
        var first = commit.submit(TICK, 1);
        answers.add(commit.submit(TICK, 1));
        long between = System.nanoTime();
        while (System.nanoTime() <= between) {
            Thread.onSpinWait();
        }
        answers.add(commit.submit(TICK, 1));
        log.apply(0);
        assertThat(first).isDone();
        scheduler.execute(() -> {
            try {
                retryHeldBack.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        log.answers.get(1).completeExceptionally(new GroupCommit.NotAppendedException("no leader", null));
        return between + LONG.toNanos();
    }

    private static void look(GroupCommit commit, long now) {
        commit.sweep(now); // leaves it to the next, because it comes late
        commit.sweep(now);
    }

    @Test
    void whatWasSaidNotToBeAppliedIsNotSentAgainWithTheOthers() throws Exception {
        GroupCommit commit = new GroupCommit(log, scheduler, LONG, 1000, Traces.none());
        List<CompletableFuture<List<Outcome>>> answers = new ArrayList<>();
        CountDownLatch retryHeldBack = new CountDownLatch(1);
        long late = twoInOneEntry(commit, answers, retryHeldBack);
        look(commit, late);
        assertThat(failure(answers.get(0))).isInstanceOf(StoreUnavailableException.class);
        assertThat(answers.get(1)).isNotDone();

        retryHeldBack.countDown();
        Awaitility.await().until(() -> log.entries.size() == 3);
        assertThat(log.entries.get(2).commands()).hasSize(1);
        assertThat(log.entries.get(2).sequence()).isEqualTo(2);
        log.apply(2);
        assertThat(answers.get(1).get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }

    @Test
    void whatIsUnderWayAgainIsNotSaidNotToBeApplied() throws Exception {
        GroupCommit commit = new GroupCommit(log, scheduler, LONG, 1000, Traces.none());
        List<CompletableFuture<List<Outcome>>> answers = new ArrayList<>();
        CountDownLatch retryHeldBack = new CountDownLatch(1);
        long late = twoInOneEntry(commit, answers, retryHeldBack);
        retryHeldBack.countDown();
        Awaitility.await().until(() -> log.entries.size() == 3);
        look(commit, late);
        assertThat(failure(answers.get(0))).isInstanceOf(OutcomeUnknownException.class);
        log.apply(2);
        assertThat(answers.get(1).get(10, TimeUnit.SECONDS)).singleElement().matches(Outcome::held);
    }
}
