package io.concordcache.raft.lease;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The part of one member in the read leases of its group. All times are nanoseconds of one monotonic clock of this member,
 * of which only differences count; {@code docs/adr/0009-read-leases.md} says why it holds.
 *
 * <p>An entry of the log is <i>stable</i> when it is committed and every member that may hold a lease has it in its log.
 * The leader computes the stable index, acknowledges nothing beyond it, and tells followers nothing beyond it to be
 * committed; so what a follower applies is stable. A member with a lease answers a read when no entry in its log that it
 * has not applied touches the key, and what it read is stable.
 *
 * <p>Thread-safe; reads take no lock.
 */
public final class ReadLeases {
    /** By how much clocks may differ in rate, as a part of one. */
    static final double RATE_BOUND = 0.01;

    private static final long LONGEST_MILLIS = 3_600_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int MAX_ASKED = 64;

    /** A lease that the log granted: it counts from when all before it is stable. */
    private record Grant(long index, long end) {}

    private final String self;
    /** In this member's log, but not applied here. */
    private final Marks pending = new Marks();
    /** Applied here, but not stable. */
    private final Marks unstable = new Marks();

    private final Map<Long, Long> asked = new HashMap<>();
    private final Map<String, Long> holders = new HashMap<>();
    private @Nullable Grant next;
    private volatile @Nullable Grant held;
    private volatile long applied = Marks.NONE;
    private volatile long stable = Marks.NONE;
    /** Entries taken in before the first lease was asked for need no look: it is granted behind them. */
    private volatile boolean watching;

    private long followed;

    public ReadLeases(String self) {
        this.self = self;
    }

    // The holder

    /** This member asks for a lease: the time before the command is sent, under a number never used before. */
    public synchronized void asked(long nonce, long now) {
        watching = true;
        if (asked.size() >= MAX_ASKED) {
            asked.clear(); // none of them was ever applied
        }
        asked.put(nonce, now);
    }

    /** Gives up the lease and what was asked for. No read that begins after this counts on it. */
    public synchronized void revoke() {
        held = null;
        next = null;
        asked.clear();
        watching = false;
    }

    /** Whether this member holds a lease. */
    public boolean isHeld(long now) {
        Grant grant = held;
        return grant != null && now - grant.end < 0;
    }

    // The log

    /**
     * A leader of this term sent something, which this member is about to take in. What stands in the log of one that led
     * before was not looked at, so its lease ends; the next is granted behind all that.
     */
    public synchronized void follows(long term) {
        if (term > followed) {
            followed = term;
            revoke();
        }
    }

    /** Entries that this member is about to take into its log, before it says that it has. */
    public void appending(long index, List<Command> commands) {
        if (watching) {
            pending.mark(index, commands);
        }
    }

    /** The leader said that all up to this index, which is in the log of this member, is committed and so stable. */
    public synchronized void told(long index) {
        if (index > stable) {
            stable = index;
            settle();
        }
    }

    /** An entry is about to be applied, and seen by readers. */
    public void applying(long index, List<Command> commands, boolean expires) {
        if (index > stable) {
            unstable.mark(index, commands);
            if (expires) {
                unstable.markExpiry(index);
            }
        }
    }

    /**
     * An entry has been applied.
     *
     * @param commands those that took effect
     */
    public synchronized void applied(long index, List<Command> commands, long now) {
        for (Command command : commands) {
            if (command instanceof Command.RenewLease lease) {
                granted(lease, index, now);
            }
        }
        applied = index;
        pending.forget(index);
        settle();
    }

    private void granted(Command.RenewLease lease, long index, long now) {
        if (lease.millis() == 0) {
            holders.remove(lease.holder());
            return;
        }
        holders.put(lease.holder(), now + longest(lease.millis()));
        if (lease.holder().equals(self)) {
            Long since = asked.remove(lease.nonce());
            if (since != null) {
                next = new Grant(index, since + nanos(lease.millis()));
            }
        }
    }

    private static long nanos(long millis) {
        return Math.min(millis, LONGEST_MILLIS) * NANOS_PER_MILLI;
    }

    /** How long the holder may count on it, by any clock. */
    private static long longest(long millis) {
        return (long) (nanos(millis) * ((1 + RATE_BOUND) / (1 - RATE_BOUND))) + 1;
    }

    /**
     * The state of this member was read from a snapshot that goes up to this index, of which nobody knows what is stable.
     * To be called before readers can see it.
     *
     * @param leases who may hold leases, with their milliseconds; they count from now
     */
    public synchronized void restored(long index, Map<String, Long> leases, long now) {
        revoke();
        unstable.markEverything(index);
        leases.forEach((holder, millis) -> holders.put(holder, now + longest(millis)));
        applied = index;
        settle();
    }

    // The leader

    /**
     * Computes, on the leader, up to where the log is stable.
     *
     * @param upTo what was applied here while this member led in the term of which {@code matching} speaks
     * @param matching up to where a member's log is known to match that of the leader, {@link Long#MIN_VALUE} if unknown
     * @return the stable index
     */
    public synchronized long stabilize(long upTo, long now, ToLongFunction<String> matching) {
        long reached = upTo;
        for (Map.Entry<String, Long> holder : holders.entrySet()) {
            if (!holder.getKey().equals(self) && now - holder.getValue() <= 0) {
                reached = Math.min(reached, matching.applyAsLong(holder.getKey()));
            }
        }
        if (reached > stable) {
            stable = reached;
            settle();
        }
        return stable;
    }

    /** In how many nanoseconds the first of the leases of others ends that have not ended; 0 if there is none. */
    public synchronized long untilNextEnd(long now) {
        long first = 0;
        for (Map.Entry<String, Long> holder : holders.entrySet()) {
            long left = holder.getValue() - now;
            if (!holder.getKey().equals(self) && left >= 0 && (first == 0 || left + 1 < first)) {
                first = left + 1;
            }
        }
        return first;
    }

    private void settle() {
        Grant grant = next;
        if (grant != null && grant.index <= stable) {
            held = grant;
            next = null;
        }
        unstable.forget(stable);
    }

    public long stable() {
        return stable;
    }

    public long applied() {
        return applied;
    }

    // Reads

    /**
     * Whether a read of this key may be answered from the replica without asking anybody, as far as writes before it are
     * concerned. To be asked before the replica is read.
     */
    public boolean mayRead(long cacheId, Bytes key, long now) {
        return isHeld(now) && (pending.highest() <= applied || pending.of(cacheId, key) <= applied);
    }

    /** As {@link #mayRead} for several keys. */
    public boolean mayReadAll(long cacheId, List<Bytes> keys, long now) {
        return isHeld(now) && keys.stream().allMatch(key -> mayRead(cacheId, key, now));
    }

    /**
     * Whether what the replica says of this key may be told, as far as reads elsewhere are concerned. To be asked after
     * the replica was read.
     */
    public boolean isSettled(long cacheId, Bytes key, boolean absent) {
        return unstable.highest() <= stable
                || (unstable.of(cacheId, key) <= stable && (!absent || unstable.ofExpiry() <= stable));
    }

    /**
     * As {@link #isSettled} for several keys.
     *
     * @param found what was read of each, null for nothing
     */
    public boolean areSettled(long cacheId, List<Bytes> keys, List<@Nullable Entry> found) {
        for (int i = 0; i < keys.size(); i++) {
            if (!isSettled(cacheId, keys.get(i), found.get(i) == null)) {
                return false;
            }
        }
        return true;
    }
}
