package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.evict.Evictions;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps bounded caches within their bounds. On the leader: writes to the log what {@link Evictions} choose, all that is due
 * at once, and again until it is done. Elsewhere: tells the leader from time to time what was read here.
 *
 * <p>While evictions are on their way, a cache exceeds its bounds by what other entries of the log bring meanwhile.
 */
final class Evictor {
    private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);
    /** So often the policy hears of reads, or sooner when there are many. */
    private static final long TELL_MILLIS = 100;

    private static final long TELL_SOON_MILLIS = 10;
    private static final Duration TELL_TIMEOUT = Duration.ofSeconds(1);
    /** What a message tells at most; under more load the policy hears of a part of the reads. */
    private static final int TELL_BYTES = 64 << 10;

    /** Evictions in one command at most: readers wait while one over several keys is applied. */
    private static final int BATCH = 64;

    private static final int BATCH_BYTES = 256 << 10;

    /** The leader as this member knows it. */
    interface Lead {
        boolean isHere();

        @Nullable
        Member member();
    }

    private final Evictions evictions = new Evictions(this::manyReads);
    private final GroupCommit commit;
    private final Channels channels;
    private final ScheduledExecutorService scheduler;
    private final Supplier<CacheState> state;
    private final Lead lead;
    private final AtomicBoolean woken = new AtomicBoolean();
    /** Told last; of the timer's thread. */
    private CompletableFuture<?> told = CompletableFuture.completedFuture(null);

    /** Chosen and not yet sent, by cache and key: a key has one place, and its newest version counts. */
    private final Map<Long, Map<Bytes, Command.Write>> due = new LinkedHashMap<>();

    private int inFlight;

    /** Takes the state as it is now from {@code state}. */
    Evictor(
            GroupCommit commit,
            Channels channels,
            ScheduledExecutorService scheduler,
            Supplier<CacheState> state,
            Lead lead) {
        this.commit = commit;
        this.channels = channels;
        this.scheduler = scheduler;
        this.state = state;
        this.lead = lead;
    }

    void start() {
        var unused = scheduler.scheduleWithFixedDelay(this::tell, TELL_MILLIS, TELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** An entry was read here; costs a reader little. */
    void used(long cacheId, Bytes key) {
        evictions.used(cacheId, key, state);
    }

    private void manyReads() {
        if (woken.compareAndSet(false, true)) {
            try {
                var unused = scheduler.schedule(
                        () -> {
                            woken.set(false);
                            tell();
                        },
                        TELL_SOON_MILLIS,
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // the store is closing
            }
        }
    }

    /** On the timer's thread; what fails is lost, and the next time goes on. */
    private void tell() {
        try {
            tellLeader();
        } catch (RuntimeException e) {
            LOG.debug("the leader was not told what was read here", e);
        }
    }

    private void tellLeader() {
        Member leader = lead.member();
        CacheState now = state.get();
        if (lead.isHere()) {
            evictions.takeReads(Integer.MAX_VALUE, now).forEach(evictions::learnReads);
            send(); // what failed before
        } else if (leader != null && told.isDone()) {
            Map<Long, List<Bytes>> keys = evictions.takeReads(TELL_BYTES, now);
            if (!keys.isEmpty()) {
                told = channels.call(leader, new Request.Used(keys), TELL_TIMEOUT);
            }
        }
    }

    /** Another member tells what was read there; of no use unless this one leads. */
    void heard(Request.Used used) {
        if (lead.isHere()) {
            used.keys().forEach(evictions::learnReads);
        }
    }

    /** On the leader: what the log did. */
    void applied(List<Change> changes, CacheState after) {
        add(evictions.applied(changes, after));
        send();
    }

    /** This member leads from now on. */
    void leading(CacheState from) {
        add(evictions.restored(from));
        send();
    }

    void notLeading() {
        evictions.retired();
        synchronized (this) {
            due.clear();
        }
    }

    private synchronized void add(List<Command.Write> victims) {
        for (Command.Write victim : victims) {
            due.computeIfAbsent(victim.cacheId(), id -> new LinkedHashMap<>()).put(victim.key(), victim);
        }
    }

    /** One round at a time, of all that is due, so that evictions keep pace with what makes them necessary. */
    private void send() {
        List<Command.Batch> round = new ArrayList<>();
        synchronized (this) {
            if (inFlight > 0 || due.isEmpty()) {
                return;
            }
            due.forEach((cacheId, victims) -> split(cacheId, List.copyOf(victims.values()), round));
            due.clear();
            inFlight = round.size();
        }
        for (Command.Batch batch : round) {
            var unused = commit.submit(batch, CommandCodec.sizeBound(batch))
                    .whenComplete((outcomes, failure) -> done(batch, failure));
        }
    }

    private static void split(long cacheId, List<Command.Write> victims, List<Command.Batch> into) {
        List<Command.Write> some = new ArrayList<>();
        long bytes = 0;
        for (Command.Write victim : victims) {
            long size = CommandCodec.sizeBound(victim);
            if (some.size() == BATCH || (!some.isEmpty() && bytes + size > BATCH_BYTES)) {
                into.add(new Command.Batch(cacheId, some));
                some.clear();
                bytes = 0;
            }
            some.add(victim);
            bytes += size;
        }
        into.add(new Command.Batch(cacheId, some));
    }

    /** What was not applied for sure is tried again with the next round: the policy has forgotten these entries. */
    private void done(Command.Batch batch, @Nullable Throwable failure) {
        synchronized (this) {
            if (failure != null && lead.isHere()) {
                Map<Bytes, Command.Write> again = due.computeIfAbsent(batch.cacheId(), id -> new LinkedHashMap<>());
                batch.writes().forEach(victim -> again.putIfAbsent(victim.key(), victim));
            }
            inFlight--;
        }
        if (failure == null) {
            send();
        }
    }
}
