package io.concordcache.raft.simulation;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Change;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What replicas made of each place of the log, and what may never be seen in it. */
final class History {
    private record Name(long cacheId, Bytes key, long version) {}

    private record Request(Object client, long sequence) {}

    private final String title;
    private final List<Applied> byIndex = new ArrayList<>();
    private final Map<Name, Bytes> values = new HashMap<>();
    private final Map<Name, Integer> gone = new HashMap<>();
    private final Map<Request, Applied> firstOf = new HashMap<>();
    private final Set<ClientId> unknown = new HashSet<>();
    private long lastStamp;
    /** Whether somebody else judges, by what clients saw. */
    boolean silent;

    History(String title) {
        this.title = title;
    }

    AssertionError failure(String what) {
        return new AssertionError(title + ": " + what);
    }

    void require(boolean holds, String what) {
        if (!holds && !silent) {
            throw failure(what);
        }
    }

    /** A replica applied the entry of this place; the first one to do so sets the standard. */
    void applied(int index, LogEntry entry, Applied applied) {
        if (index < byIndex.size()) {
            if (!byIndex.get(index).equals(applied)) {
                throw failure("replicas disagree at " + index + ": " + byIndex.get(index) + " and " + applied);
            }
            return;
        }
        require(index == byIndex.size(), "a place of the log was skipped before " + index);
        byIndex.add(applied);
        if (entry.client().equals(ClientId.NONE)) {
            require(applied.result() == Applied.Result.APPLIED, "a registration was not applied");
        } else if (applied.result() == Applied.Result.CLIENT_UNKNOWN) {
            unknown.add(entry.client());
        } else if (applied.result() == Applied.Result.APPLIED) {
            Applied before = firstOf.putIfAbsent(new Request(entry.client(), entry.sequence()), applied);
            require(before == null, "applied twice: " + entry);
            require(!unknown.contains(entry.client()), "applied for a forgotten client: " + entry);
        } else if (applied.result() == Applied.Result.REPEATED) {
            Applied before = firstOf.get(new Request(entry.client(), entry.sequence()));
            require(before != null && before.outcomes().equals(applied.outcomes()), "another answer to " + entry);
        }
        applied.changes().forEach(change -> changed(index, change));
    }

    void changed(int index, Change change) {
        require(change.stamp() >= lastStamp, "the clock went back with " + change);
        lastStamp = change.stamp();
        Entry before = change.before();
        Entry after = change.after();
        if (before != null) {
            Name name = new Name(change.cacheId(), change.key(), before.version());
            require(!gone.containsKey(name), "a change of what was gone: " + change);
            if (after == null || after.version() != before.version()) {
                gone.put(name, index);
            }
        }
        if (after != null) {
            Name name = new Name(change.cacheId(), change.key(), after.version());
            require(!gone.containsKey(name), "back again: " + change);
            Bytes value = values.putIfAbsent(name, after.value());
            require(value == null || value.equals(after.value()), "two values of one version: " + change);
        }
    }

    /** A replica that has applied so many entries served this one. */
    void read(int applied, long cacheId, Bytes key, Entry entry) {
        Name name = new Name(cacheId, key, entry.version());
        Integer left = gone.get(name);
        require(left == null || left >= applied, "served though gone since " + left + ": " + entry);
        require(entry.value().equals(values.get(name)), "nobody wrote " + entry);
    }

    /** Whether the request was applied, once. */
    boolean wasApplied(Object client, long sequence) {
        return firstOf.containsKey(new Request(client, sequence));
    }

    int length() {
        return byIndex.size();
    }
}
