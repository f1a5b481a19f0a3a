package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.lease.ReadLeases;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread, the clock and the messages for {@link ReadLeases}: asks for the lease of this member again and again, and on
 * the leader sees up to where the log is stable.
 */
final class LeaseKeeper implements HookedRpcType.Hooks {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final int COMMAND_BYTES = 256;
    /** So often in the time of a lease it is asked for again. */
    private static final int RENEWALS = 3;

    private static final int LONGEST_REST = 32;
    private static final int LARGEST_GROUP = 7;
    /** If wall clock and elapsed time differ by more between two looks, the machine may have been suspended. */
    private static final long CLOCK_GAP_MILLIS = 200;

    private static final long GIVE_BACK_MILLIS = 300;

    private final String self;
    private final Duration lease;
    private final Supplier<RatisStateMachine> machine;
    private final Supplier<@Nullable RatisMember> member;
    private final Followers followers;
    private final ScheduledExecutorService scheduler;
    private final GroupCommit commit;
    private final Nudges nudges;
    private final AtomicLong nonces = new AtomicLong(new SecureRandom().nextLong());
    private final AtomicBoolean asking = new AtomicBoolean();
    private final AtomicBoolean waking = new AtomicBoolean();
    private volatile boolean ended;

    /** For how many renewals the timer does not ask, and until when. */
    private volatile int rest;

    private volatile long restUntil = System.nanoTime();
    private long wallGap = wallGap();

    /**
     * Keeps a lease of this length while there are 2 to 7 members; none if it is zero.
     *
     * @param machine of the member as it runs now
     * @param member as it runs now, null while it does not
     */
    LeaseKeeper(
            String self,
            Duration lease,
            Supplier<RatisStateMachine> machine,
            Supplier<@Nullable RatisMember> member,
            Followers followers,
            ScheduledExecutorService scheduler,
            GroupCommit commit) {
        this.self = self;
        this.lease = lease;
        this.machine = machine;
        this.member = member;
        this.followers = followers;
        this.scheduler = scheduler;
        this.commit = commit;
        this.nudges = new Nudges(followers, scheduler, this::stable);
    }

    Nudges nudges() {
        return nudges;
    }

    void start() {
        if (!lease.isZero()) {
            long period = lease.toNanos() / RENEWALS;
            var unused = scheduler.scheduleWithFixedDelay(this::look, 0, period, TimeUnit.NANOSECONDS);
        }
    }

    private static long wallGap() {
        return System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void look() {
        long gap = wallGap();
        if (Math.abs(gap - wallGap) > CLOCK_GAP_MILLIS) {
            machine.get().revokeLease();
        }
        wallGap = gap;
        if (System.nanoTime() - restUntil >= 0) {
            renew();
        }
    }

    /** Asks for the lease again, unless the last request is still under way. */
    void renew() {
        if (ended || lease.isZero() || !isInSmallGroup() || !asking.compareAndSet(false, true)) {
            return;
        }
        long nonce = nonces.incrementAndGet();
        long began = System.nanoTime();
        machine.get().leases().asked(nonce, began);
        var unused = commit.submit(new Command.RenewLease(self, nonce, lease.toMillis()), COMMAND_BYTES)
                .whenComplete((outcomes, failure) -> {
                    asking.set(false);
                    answered(failure == null && System.nanoTime() - began < lease.toNanos() / 2);
                });
    }

    private boolean isInSmallGroup() {
        RatisMember now = member.get();
        ReadBarrier.Voters voters = now == null ? null : now.voters();
        int others = voters == null ? 0 : voters.others().size();
        return others >= 1 && others < LARGEST_GROUP;
    }

    /** One that is granted its lease late would only keep the others waiting, so it asks less often. */
    private void answered(boolean inTime) {
        int longer = inTime ? 0 : Math.min(LONGEST_REST, Math.max(1, 2 * rest));
        rest = longer;
        restUntil = System.nanoTime() + longer * lease.toNanos() / RENEWALS;
    }

    /** Ends the lease of this member, so that nobody waits for it. */
    void giveBack() {
        ended = true;
        if (lease.isZero()) {
            return;
        }
        machine.get().revokeLease();
        try {
            var unused = commit.submit(new Command.RenewLease(self, 0, 0), COMMAND_BYTES)
                    .get(GIVE_BACK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("the lease was not given back; it ends by itself", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // What members tell each other of the log

    @Override
    public void appending(AppendEntriesRequestProto request) {
        machine.get().appending(request);
    }

    @Override
    public void appended(AppendEntriesRequestProto request) {
        long matched = request.getEntriesCount() > 0
                ? request.getEntries(request.getEntriesCount() - 1).getIndex()
                : request.hasPreviousLog() ? request.getPreviousLog().getIndex() : -1;
        machine.get().told(Math.min(request.getLeaderCommit(), matched));
    }

    @Override
    public void appender(RaftServer.Division division, LeaderState state, LogAppender appender) {
        followers.add(division, state, appender);
    }

    @Override
    public void matched() {
        stabilize();
    }

    @Override
    public long stable() {
        return machine.get().leases().stable();
    }

    // The leader

    /** Looks how far the log is stable; called whenever that may have changed. */
    void stabilize() {
        RatisStateMachine now = machine.get();
        ReadLeases leases = now.leases();
        long applied = leases.applied();
        long before = leases.stable();
        // In this order: what was applied while this member led is what its followers match.
        if (applied <= before || !leads()) {
            return;
        }
        long time = System.nanoTime();
        long after = leases.stabilize(applied, time, followers::matching);
        if (after > before) {
            now.stableReached();
            nudges.due();
        }
        if (after < applied) {
            awaitEnd(leases.untilNextEnd(time));
        }
    }

    private boolean leads() {
        RatisMember running = member.get();
        return followers.areLed() || (running != null && running.leadsAlone());
    }

    private void awaitEnd(long nanos) {
        if (nanos > 0 && waking.compareAndSet(false, true)) {
            try {
                var unused = scheduler.schedule(
                        () -> {
                            waking.set(false);
                            stabilize();
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                waking.set(false); // the store is closing
            }
        }
    }
}
