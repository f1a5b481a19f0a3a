package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The members that this node knows: those of its list, those of its log, and those of which they tell. The last are needed by
 * one that was away: while it was, others may have been added, and one of these may lead.
 */
final class KnownMembers implements MemberCheck.Known {
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(1);
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClusterSettings cluster;
    private final Supplier<List<Member>> logged;
    private final Channels channels;
    /** By whoever told of them; it was asked over TLS, so it is who it says. */
    private final Map<String, List<Member>> told = new ConcurrentHashMap<>();

    private final AtomicLong askAgain = new AtomicLong(System.nanoTime());

    /** @param logged the members of the newest configuration in the log of this node */
    KnownMembers(ClusterSettings cluster, Supplier<List<Member>> logged, Channels channels) {
        this.cluster = cluster;
        this.logged = logged;
        this.channels = channels;
    }

    @Override
    public Collection<Member> members() {
        Set<Member> all = own();
        told.values().forEach(all::addAll);
        return all;
    }

    private Set<Member> own() {
        Set<Member> own = new LinkedHashSet<>(cluster.members());
        own.addAll(logged.get());
        return own;
    }

    @Override
    public void unknown() {
        long next = askAgain.get();
        long now = System.nanoTime();
        if (now - next < 0 || !askAgain.compareAndSet(next, now + ASK_NANOS)) {
            return;
        }
        for (Member other : own()) {
            if (!other.equals(cluster.self())) {
                var unused = channels.call(other, new Request.Probe(null), ASK_TIMEOUT)
                        .thenAccept(answer -> {
                            if (answer instanceof Response.Here here) {
                                told.put(other.id(), here.members());
                            }
                        });
            }
        }
    }
}
