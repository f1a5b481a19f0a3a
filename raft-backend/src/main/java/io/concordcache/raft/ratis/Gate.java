package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Access;
import io.concordcache.raft.access.Grants;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.Request;
import org.jspecify.annotations.Nullable;

/** Lets pass what the callers of a member may ask for: members everything, others what they are granted. Thread-safe. */
final class Gate {
    private final Access access;
    private final MemberCheck members;
    private final RatisStore store;

    Gate(Access access, MemberCheck members, RatisStore store) {
        this.access = access;
        this.members = members;
        this.store = store;
    }

    /**
     * Judges a request by the caches that this member knows, without waiting.
     *
     * @throws RequestRejectedException if it is refused, or names a cache that is not known here
     * @throws StoreUnavailableException if that cannot be told yet
     */
    void require(Caller caller, Request request) {
        if (!caller.isMember(members)) {
            require(caller, request, new Known(store.stateMachine()));
        }
    }

    private void require(Caller caller, Request request, Known known) {
        try {
            access.grants().require(caller.who(), request, known);
        } catch (RequestRejectedException e) {
            members.refused();
            throw e;
        }
    }

    /** The same for what may wait until a cache is known here that is known elsewhere. */
    void requirePatiently(Caller caller, Request request) {
        if (!caller.isMember(members)) {
            require(caller, request, new Known(store.stateMachine()) {
                @Override
                public @Nullable CacheInfo cache(long cacheId) {
                    CacheInfo known = super.cache(cacheId);
                    return known == null && store.comesToExist(cacheId) ? super.cache(cacheId) : known;
                }
            });
        }
    }

    /** How logs call them. */
    String name(Caller caller) {
        return access.grants().name(caller.who());
    }

    private static class Known implements Grants.Caches {
        private final RatisStateMachine machine;

        Known(RatisStateMachine machine) {
            this.machine = machine;
        }

        @Override
        public @Nullable CacheInfo cache(long cacheId) {
            return machine.state().cache(cacheId);
        }

        @Override
        public @Nullable Command completedBy(Command.Part last) {
            return Admission.completedBy(machine, last);
        }
    }
}
