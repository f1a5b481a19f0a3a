package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a linearizable read waits for: that this replica has applied every write that was acknowledged before the read
 * began.
 *
 * <p>A quorum read (Charapko, Ailijani, Demirbas: "Linearizable Quorum Reads in Paxos", HotStorage 2019) over Raft's log: a
 * write is acknowledged when a majority has it in their logs, so of any majority asked later at least one has it still;
 * committed entries are never cut off. The highest last index among a majority is thus an index that no such write lies
 * behind. No leader takes part, and no clock: a member that is cut off gets no majority and so no answer. If the highest
 * index belongs to an entry that is cut off again, we ask anew.
 *
 * <p>A majority counts by the newest configuration that any of the answers knows: if one knows a newer one than we do, we
 * wait until we know it too. Each configuration is committed by majorities of it and of the one before (Raft
 * dissertation, 4.3), so a majority of an old one cannot miss that there is a newer.
 *
 * <p>One round at a time: who comes while one runs is served by the next.
 */
final class ReadBarrier implements AutoCloseable {
    /** A round that brings no majority is given up and begun again. */
    private static final long ROUND_MILLIS = 250;

    private static final long PAUSE_MILLIS = 10;

    /** How far a member is. */
    record Position(long lastIndex, long configurationIndex) {}

    /**
     * Who votes.
     *
     * @param previous of the configuration that is being left, empty if none is
     */
    record Voters(long configurationIndex, Set<String> current, Set<String> previous, List<Member> others) {
        boolean isMajority(Set<String> of) {
            return isMajority(of, current) && (previous.isEmpty() || isMajority(of, previous));
        }

        private static boolean isMajority(Set<String> of, Set<String> all) {
            return all.stream().filter(of::contains).count() > all.size() / 2;
        }
    }

    /** What the barrier asks. */
    interface Group {
        String self();

        /** Null when this member is in no state to read. */
        @Nullable
        Voters voters();

        Position own();

        CompletableFuture<Position> ask(Member member);

        /** Completes when this replica has applied the entry. */
        CompletableFuture<?> applied(long index);
    }

    private final Group group;
    private final ScheduledExecutorService scheduler;
    private final long roundMillis;
    /** How many callers wait; without any, no round is begun again. */
    private final AtomicLong interested = new AtomicLong();
    /** How many rounds ended well. */
    private final AtomicLong rounds = new AtomicLong();

    private @Nullable CompletableFuture<Void> running;
    private @Nullable CompletableFuture<Void> next;
    private boolean closed;

    ReadBarrier(Group group, ScheduledExecutorService scheduler) {
        this(group, scheduler, ROUND_MILLIS);
    }

    ReadBarrier(Group group, ScheduledExecutorService scheduler, long roundMillis) {
        this.group = group;
        this.scheduler = scheduler;
        this.roundMillis = roundMillis;
    }

    /** Completes when a read may be answered here. The caller gives up by completing it himself. */
    CompletableFuture<Void> await() {
        CompletableFuture<Void> mine;
        boolean first;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new IllegalStateException("closed"));
            }
            first = running == null;
            if (first) {
                running = new CompletableFuture<>();
                mine = running;
            } else {
                if (next == null) {
                    next = new CompletableFuture<>();
                }
                mine = next;
            }
        }
        interested.incrementAndGet();
        CompletableFuture<Void> answer = mine.copy();
        var unused = answer.whenComplete((done, failure) -> interested.decrementAndGet());
        if (first) {
            new Round(mine).start();
        }
        return answer;
    }

    long rounds() {
        return rounds.get();
    }

    /** How many callers wait. */
    long waiting() {
        return Math.max(0, interested.get());
    }

    private void finished() {
        CompletableFuture<Void> following;
        synchronized (this) {
            running = next;
            next = null;
            following = running;
        }
        if (following != null) {
            new Round(following).start();
        }
    }

    /** Asks until a majority has answered and this replica has caught up with it. */
    private final class Round {
        private final CompletableFuture<Void> done;

        Round(CompletableFuture<Void> done) {
            this.done = done;
        }

        void start() {
            Attempt attempt = new Attempt(this);
            try {
                attempt.start();
            } catch (RuntimeException e) {
                again(attempt);
            }
        }

        void succeeded() {
            if (done.complete(null)) {
                rounds.incrementAndGet();
                finished();
            }
        }

        /** Begins again after a pause, if anybody still waits. */
        void again(Attempt attempt) {
            if (!attempt.end() || done.isDone()) {
                return;
            }
            if (interested.get() <= 0) {
                done.cancel(false);
                finished();
                return;
            }
            later(this::start, PAUSE_MILLIS);
        }
    }

    private void later(Runnable task, long millis) {
        try {
            var unused = scheduler.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.RejectedExecutionException e) {
            close();
        }
    }

    private final class Attempt {
        private final Round round;
        private final Set<String> answered = new HashSet<>();
        private @Nullable Voters voters;
        private long highest;
        private boolean decided;
        private boolean ended;

        Attempt(Round round) {
            this.round = round;
        }

        /** False if it had ended before. */
        synchronized boolean end() {
            boolean was = ended;
            ended = true;
            return !was;
        }

        void start() {
            Voters of = group.voters();
            if (of == null) {
                round.again(this);
                return;
            }
            voters = of;
            heard(group.self(), group.own());
            if (isEnded()) {
                return;
            }
            int open = 0;
            for (Member other : of.others()) {
                open++;
                var unused = group.ask(other).whenComplete((position, failure) -> {
                    if (failure == null) {
                        heard(other.id(), position);
                    }
                });
            }
            if (open > 0 || !isEnded()) {
                later(() -> round.again(this), roundMillis);
            }
        }

        private synchronized boolean isEnded() {
            return ended || decided;
        }

        private void heard(String id, Position position) {
            synchronized (this) {
                Voters of = voters;
                if (ended || decided || of == null) {
                    return;
                }
                if (position.configurationIndex() > of.configurationIndex()) {
                    later(() -> round.again(this), PAUSE_MILLIS);
                    return;
                }
                answered.add(id);
                highest = Math.max(highest, position.lastIndex());
                if (!of.isMajority(answered)) {
                    return;
                }
                decided = true;
            }
            var unused = group.applied(highest).whenComplete((done, failure) -> {
                if (failure == null && end()) {
                    round.succeeded();
                }
            });
        }
    }

    /** Ends all waits. */
    @Override
    public void close() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        synchronized (this) {
            closed = true;
            if (running != null) {
                ends.add(running);
            }
            if (next != null) {
                ends.add(next);
            }
        }
        ends.forEach(end -> end.cancel(false));
    }
}
