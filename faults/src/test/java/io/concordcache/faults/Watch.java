package io.concordcache.faults;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.ChangeListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a listener hears of each change of a key once and in order, unless it is told that it missed some. It hears from
 * the beginning of the cache, or of a key from the first change on.
 */
final class Watch implements ChangeListener {
    /** How many findings are kept. */
    private static final int MOST = 20;

    private static final long NOTHING = 0;

    private final String cache;
    /** The version of each key that was heard of. */
    private final Map<Bytes, Long> versions = new HashMap<>();

    private final List<String> wrong = new ArrayList<>();
    private long lastStamp;
    private long events;
    private long gaps;

    Watch(String cache) {
        this.cache = cache;
    }

    private static long version(@Nullable Entry entry) {
        return entry == null ? NOTHING : entry.version();
    }

    @Override
    public synchronized void changed(Change change) {
        events++;
        if (change.stamp() < lastStamp) {
            wrong(change + " came after one of stamp " + lastStamp);
        }
        lastStamp = change.stamp();
        switch (change.kind()) {
            case CLEARED, DESTROYED -> versions.replaceAll((key, version) -> NOTHING);
            case CREATED, UPDATED, REMOVED, EXPIRED, EVICTED, TOUCHED -> {
                long before = version(change.before());
                Long known = versions.put(change.key(), version(change.after()));
                if (known != null && known != before) {
                    wrong(change + " changed version " + before + ", but version " + known + " was heard of last");
                }
            }
        }
    }

    @Override
    public synchronized void missed() {
        gaps++;
        versions.clear();
        lastStamp = 0;
    }

    private void wrong(String what) {
        if (wrong.size() < MOST) {
            wrong.add("listener of " + cache + ": " + what);
        }
    }

    /** What was found since this was called last. */
    synchronized List<String> takeWrong() {
        List<String> all = List.copyOf(wrong);
        wrong.clear();
        return all;
    }

    synchronized long events() {
        return events;
    }

    synchronized long gaps() {
        return gaps;
    }

    /** The version that each key should have by what was heard. */
    synchronized Map<Bytes, Long> versions() {
        return new HashMap<>(versions);
    }
}
