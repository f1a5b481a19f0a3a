package io.concordcache.raft.ratis;

import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.wire.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the audit is told of requests and commands: the actions of administrators. */
final class Audit {
    private Audit() {}

    /** One such action in an entry of the log. */
    record Action(int command, String what) {}

    /** Does it, and tells. */
    static void telling(String who, String from, String what, Runnable action) {
        try {
            action.run();
        } catch (StoreException e) {
            AuditLog.tell(who, from, what, failed(e));
            throw e;
        }
        AuditLog.tell(who, from, what, "done");
    }

    static String failed(StoreException e) {
        return "failed: " + e.getMessage();
    }

    /** What is told of a request, null if it is none of an administrator. */
    static @Nullable String what(Request request) {
        if (request instanceof Request.AddMember add) {
            return "add member " + add.member();
        } else if (request instanceof Request.RemoveMember remove) {
            return "remove member " + remove.id();
        } else if (request instanceof Request.Transfer transfer) {
            return "transfer lead to " + (transfer.id().isEmpty() ? "any" : transfer.id());
        } else if (request instanceof Request.Snapshot snapshot) {
            return "snapshot of " + (snapshot.id().isEmpty() ? "all" : snapshot.id());
        } else if (request instanceof Request.Backup) {
            return "backup";
        }
        return null;
    }

    /** Those among the commands of an entry. */
    static List<Action> actions(List<Command> commands, CacheState state) {
        List<Action> found = List.of();
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            String what = command instanceof Command.CreateCache create
                    ? "create cache " + create.definition().name()
                    : command instanceof Command.DestroyCache destroy
                            ? "destroy cache " + name(state, destroy.cacheId())
                            : command instanceof Command.Clear clear
                                    ? "clear cache " + name(state, clear.cacheId())
                                    : null;
            if (what != null) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(new Action(i, what));
            }
        }
        return found;
    }

    private static String name(CacheState state, long cacheId) {
        CacheInfo cache = state.cache(cacheId);
        return cache == null ? String.valueOf(cacheId) : cache.definition().name();
    }

    /** What came of one, in short. */
    static String result(Applied applied, Action action) {
        return switch (applied.result()) {
            case APPLIED, REPEATED ->
                switch (applied.outcomes().get(action.command()).get(0).status()) {
                    case HELD -> "done";
                    case FAILED -> "failed: it exists already";
                    case LOCKED -> "failed: locked";
                    case NO_CACHE -> "failed: there is no such cache";
                };
            case FORGOTTEN, CLIENT_UNKNOWN -> "failed: the session is not known any more";
        };
    }
}
