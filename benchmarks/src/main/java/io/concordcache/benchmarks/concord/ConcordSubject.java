package io.concordcache.benchmarks.concord;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.JCacheEntries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.jcache.ConcordConfiguration;
import io.concordcache.raft.store.ClusterAdmin;
import java.net.URI;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import org.jspecify.annotations.Nullable;

/** Concord: one member alone with durability memory, or one of a cluster with durability disk. */
public final class ConcordSubject implements Subject {
    private @Nullable CacheManager manager;
    private String id = "";
    private boolean alone;

    @Override
    public void start(Seat seat) {
        id = id(seat.number());
        alone = seat.members() == 1;
        manager = Caching.getCachingProvider("io.concordcache.jcache.ConcordCachingProvider")
                .getCacheManager(URI.create(alone ? "concord:local" : uri(seat)), null);
    }

    private static String uri(Seat seat) {
        String members = IntStream.range(0, seat.members())
                .mapToObj(i -> id(i) + "=" + Seat.HOST + ":" + seat.ports().get(i))
                .collect(Collectors.joining(","));
        return "concord:local?members=" + members + "&member=" + id(seat.number()) + "&durability=disk&directory="
                + seat.directory().resolve("data");
    }

    private static String id(int number) {
        return "m" + (number + 1);
    }

    @Override
    public Entries open(ValueType type) {
        return new JCacheEntries(open(type.name(), type.javaType()));
    }

    private <V> Cache<String, V> open(String name, Class<V> type) {
        Cache<String, V> known = manager().getCache(name, String.class, type);
        return known != null
                ? known
                : manager()
                        .createCache(
                                name,
                                ConcordConfiguration.builder(String.class, type)
                                        .unbounded()
                                        .build());
    }

    @Override
    public Role role() {
        if (alone) {
            return Role.LEADER;
        }
        String leader = manager().unwrap(ClusterAdmin.class).status().leader();
        return id.equals(leader) ? Role.LEADER : Role.FOLLOWER;
    }

    private CacheManager manager() {
        return Objects.requireNonNull(manager, "not started");
    }
}
