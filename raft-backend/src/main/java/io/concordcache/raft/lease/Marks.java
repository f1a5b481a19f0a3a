package io.concordcache.raft.lease;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which keys are touched by the log entries of a range, each with the index of the newest that does. Marked and forgotten
 * in any order by several threads; asked by any, without a lock.
 */
final class Marks {
    static final long NONE = -1;

    private record Marked(long index, List<Command> commands) {}

    private final Map<Long, Map<Bytes, Long>> keys = new ConcurrentHashMap<>();
    private final Map<Long, Long> caches = new ConcurrentHashMap<>();
    private final Deque<Marked> order = new ArrayDeque<>();
    private volatile long everything = NONE;
    private volatile long expired = NONE;
    private volatile long highest = NONE;

    /** The newest index that marks anything, {@link #NONE} if nothing does. */
    long highest() {
        return highest;
    }

    /** The newest index that marks this key; at least that, it may be one that marks its cache, or all. */
    long of(long cacheId, Bytes key) {
        long found = everything;
        Long whole = caches.get(cacheId);
        if (whole != null) {
            found = Math.max(found, whole);
        }
        Map<Bytes, Long> ofCache = keys.get(cacheId);
        Long single = ofCache == null ? null : ofCache.get(key);
        return single == null ? found : Math.max(found, single);
    }

    /** The newest index at which entries may have expired that no command names. */
    long ofExpiry() {
        return expired;
    }

    synchronized void mark(long index, List<Command> commands) {
        boolean any = false;
        for (Command command : commands) {
            any |= mark(index, command);
        }
        if (any) {
            order.add(new Marked(index, commands));
            raise(index);
        }
    }

    private boolean mark(long index, Command command) {
        if (command instanceof Command.Part part) {
            if (part.isAtomicOverKeys()) { // the last: the whole command is applied
                everything = Math.max(everything, index);
            }
            return part.isAtomicOverKeys();
        }
        Marking marking = new Marking(index);
        command.touches(marking);
        return marking.any;
    }

    private final class Marking implements Command.Touched {
        private final long index;
        private boolean any;

        Marking(long index) {
            this.index = index;
        }

        @Override
        public void key(long cacheId, Bytes key) {
            any = true;
            keys.computeIfAbsent(cacheId, id -> new ConcurrentHashMap<>()).merge(key, index, Math::max);
        }

        @Override
        public void cache(long cacheId) {
            any = true;
            caches.merge(cacheId, index, Math::max);
        }
    }

    synchronized void markEverything(long index) {
        everything = Math.max(everything, index);
        raise(index);
    }

    synchronized void markExpiry(long index) {
        expired = Math.max(expired, index);
        raise(index);
    }

    private void raise(long index) {
        if (index > highest) {
            highest = index;
        }
    }

    /** Drops what entries up to this index marked. */
    void forget(long upTo) {
        if (highest != NONE) {
            forgetMarked(upTo);
        }
    }

    private synchronized void forgetMarked(long upTo) {
        for (Marked first = order.peek(); first != null && first.index <= upTo; first = order.peek()) {
            order.remove();
            Forgetting forgetting = new Forgetting(upTo);
            first.commands.forEach(command -> command.touches(forgetting));
        }
    }

    private final class Forgetting implements Command.Touched {
        private final long upTo;

        Forgetting(long upTo) {
            this.upTo = upTo;
        }

        @Override
        public void key(long cacheId, Bytes key) {
            Map<Bytes, Long> ofCache = keys.get(cacheId);
            if (ofCache != null) {
                ofCache.computeIfPresent(key, (same, index) -> index <= upTo ? null : index);
            }
        }

        @Override
        public void cache(long cacheId) {
            caches.computeIfPresent(cacheId, (id, index) -> index <= upTo ? null : index);
            // Of a cache that was destroyed nothing is marked again; of any other the map is made when it is.
            keys.computeIfPresent(cacheId, (id, of) -> of.isEmpty() ? null : of);
        }
    }
}
