package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices that a member answers again after it did not. Ratis keeps a connection through a cut, and TCP sends again in ever
 * longer intervals: after a cut of ten seconds nothing may pass for ten more. So Ratis is made to connect anew.
 */
final class Reunion {
    /** What is asked and told. */
    interface Links {
        CompletableFuture<?> ask(Member other);

        void reconnect(Member other);
    }

    private final Links links;
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    Reunion(Links links) {
        this.links = links;
    }

    /** Asks each once. Does not wait for answers. */
    void look(List<Member> others) {
        for (Member other : others) {
            var unused = links.ask(other).whenComplete((answer, failure) -> {
                if (failure != null) {
                    silent.add(other.id());
                } else if (silent.remove(other.id())) {
                    links.reconnect(other);
                }
            });
        }
    }
}
