package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.ratis.ReadBarrier.Position;
import io.concordcache.raft.ratis.ReadBarrier.Voters;
import io.concordcache.raft.store.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The barrier with members whose answers the test gives. */
@Timeout(30)
class ReadBarrierTest {
    private record Asked(Member member, CompletableFuture<Position> answer) {}

    private static final Member B = new Member("b", "b", 1);
    private static final Member C = new Member("c", "c", 1);
    private static final Member D = new Member("d", "d", 1);
    private static final Member E = new Member("e", "e", 1);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final AtomicReference<@Nullable Voters> voters =
            new AtomicReference<>(new Voters(1, Set.of("a", "b", "c"), Set.of(), List.of(B, C)));
    private final AtomicReference<Position> own = new AtomicReference<>(new Position(10, 1));
    private final AppliedIndex applied = new AppliedIndex();
    private final List<Asked> asked = new ArrayList<>();
    private final ReadBarrier.Group group = new ReadBarrier.Group() {
        @Override
        public String self() {
            return "a";
        }

        @Override
        public @Nullable Voters voters() {
            return voters.get();
        }

        @Override
        public Position own() {
            return own.get();
        }

        @Override
        public CompletableFuture<Position> ask(Member member) {
            CompletableFuture<Position> answer = new CompletableFuture<>();
            synchronized (asked) {
                asked.add(new Asked(member, answer));
            }
            return answer;
        }

        @Override
        public CompletableFuture<?> applied(long index) {
            return applied.await(index);
        }
    };
    /** No round of it ends by time. */
    private ReadBarrier barrier = new ReadBarrier(group, scheduler, TimeUnit.DAYS.toMillis(1));

    @AfterEach
    void end() {
        barrier.close();
        scheduler.shutdownNow();
    }

    /** Answers the newest question to a member, once there have been so many to it. */
    private void answer(Member member, int times, Position position) {
        List<Asked> to = new ArrayList<>();
        await().until(() -> {
            synchronized (asked) {
                to.clear();
                asked.stream().filter(each -> each.member().equals(member)).forEach(to::add);
            }
            return to.size() >= times;
        });
        to.get(times - 1).answer().complete(position);
    }

    @Test
    void oneOtherOfThreeIsAMajorityAndTheHighestIndexCounts() {
        applied.reached(10);
        CompletableFuture<Void> read = barrier.await();
        assertThat(read).isNotDone();
        answer(C, 1, new Position(12, 1));
        assertThat(read).isNotDone();
        applied.reached(11);
        assertThat(read).isNotDone();
        applied.reached(12);
        assertThat(read).isCompleted();
    }

    @Test
    void ofFiveTwoOthersAreNeeded() {
        voters.set(new Voters(1, Set.of("a", "b", "c", "d", "e"), Set.of(), List.of(B, C, D, E)));
        applied.reached(20);
        CompletableFuture<Void> read = barrier.await();
        answer(D, 1, new Position(3, 1));
        assertThat(read).isNotDone();
        answer(E, 1, new Position(15, 1));
        assertThat(read).isCompleted();
    }

    @Test
    void bothConfigurationsOfAChangeNeedAMajority() {
        voters.set(new Voters(1, Set.of("a", "d", "e"), Set.of("a", "b", "c"), List.of(B, C, D, E)));
        applied.reached(20);
        CompletableFuture<Void> read = barrier.await();
        answer(D, 1, new Position(15, 1));
        assertThat(read).isNotDone();
        answer(C, 1, new Position(15, 1));
        assertThat(read).isCompleted();
    }

    @Test
    void whoKnowsAnOlderConfigurationWaitsUntilHeKnowsTheNewer() {
        applied.reached(20);
        CompletableFuture<Void> read = barrier.await();
        answer(B, 1, new Position(15, 2));
        answer(B, 2, new Position(15, 2));
        assertThat(read).isNotDone();
        voters.set(new Voters(2, Set.of("a", "b", "c"), Set.of(), List.of(B, C)));
        answer(B, 3, new Position(15, 2));
        await().until(read::isDone);
    }

    @Test
    void anIndexThatIsCutOffAgainIsAskedForAnew() {
        barrier = new ReadBarrier(group, scheduler);
        applied.reached(10);
        CompletableFuture<Void> read = barrier.await();
        answer(B, 1, new Position(99, 1));
        assertThat(read).isNotDone();
        answer(B, 2, new Position(10, 1));
        await().until(read::isDone);
        assertThat(read).isCompleted();
    }

    @Test
    void whoComesWhileARoundRunsIsServedByTheNext() {
        applied.reached(10);
        CompletableFuture<Void> first = barrier.await();
        CompletableFuture<Void> second = barrier.await();
        CompletableFuture<Void> third = barrier.await();
        answer(B, 1, new Position(10, 1));
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        own.set(new Position(11, 1));
        answer(B, 2, new Position(10, 1));
        applied.reached(11);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(asked.stream().filter(each -> each.member().equals(B))).hasSize(2);
    }

    @Test
    void oneAloneWaitsForNobodyButItsOwnLog() {
        voters.set(new Voters(1, Set.of("a"), Set.of(), List.of()));
        CompletableFuture<Void> read = barrier.await();
        assertThat(read).isNotDone();
        applied.reached(10);
        assertThat(read).isCompleted();
    }

    @Test
    void oneThatIsInNoGroupWaits() {
        voters.set(null);
        applied.reached(10);
        CompletableFuture<Void> read = barrier.await();
        assertThat(read).isNotDone();
        voters.set(new Voters(1, Set.of("a"), Set.of(), List.of()));
        await().until(read::isDone);
        assertThat(read).isCompleted();
    }

    @Test
    void nobodyIsAskedAgainWhenNobodyWaits() {
        barrier = new ReadBarrier(group, scheduler);
        CompletableFuture<Void> read = barrier.await();
        read.cancel(false);
        CompletableFuture<Void> later = barrier.await();
        answer(B, 1, new Position(1, 1));
        applied.reached(10);
        answer(B, 2, new Position(1, 1));
        await().until(later::isDone);
        assertThat(later).isCompleted();
    }

    @Test
    void closingEndsTheWait() {
        CompletableFuture<Void> read = barrier.await();
        barrier.close();
        assertThat(read).isCompletedExceptionally();
        assertThat(barrier.await()).isCompletedExceptionally();
    }
}
