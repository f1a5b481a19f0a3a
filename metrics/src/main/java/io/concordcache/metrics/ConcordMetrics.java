package io.concordcache.metrics;

import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ClusterStatus.Role;
import io.concordcache.raft.store.EngineMetric;
import io.concordcache.raft.store.StoreMetrics;
import io.concordcache.raft.store.StoreMetrics.CacheMetrics;
import io.concordcache.raft.store.StoreMetrics.MemberMetrics;
import io.concordcache.raft.store.StoreMetrics.Stored;
import io.concordcache.raft.store.StoreObserver;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The meters of a store, and so of a member or a client; {@code docs/admin.md} lists them. An application that runs a cache
 * manager has its store by {@code manager.unwrap(StoreHolder.class).store()}.
 *
 * <p>What a member says of a cache is counted from the log, so each member counts it all: take the largest, not the sum. The
 * meters of a cache appear with the first look at any meter after the cache was made, and go with it. Thread-safe; a look
 * sends no message.
 */
public final class ConcordMetrics implements MeterBinder, AutoCloseable {
    /** All meters that are looked at within this time tell of one moment. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5)
    };

    /** From a value that lies near the caller to a write that takes long. */
    private static final Duration[] CALL_BUCKETS = Stream.concat(
                    Stream.of(Duration.ofNanos(1_000), Duration.ofNanos(10_000)), Stream.of(BUCKETS))
            .toArray(Duration[]::new);

    private record Sample(
            StoreMetrics metrics, Map<String, CacheMetrics> caches, Map<EngineKey, Double> engine, long nanos) {}

    /** What tells one number of the library below from another. */
    private record EngineKey(
            String registry,
            String name,
            EngineMetric.Kind kind,
            @Nullable Double quantile) {}

    private final CacheStore store;
    private final List<Binding> bindings = new ArrayList<>();
    private volatile @Nullable Sample last;

    /** Meters of this store, which is not closed with them. */
    public ConcordMetrics(CacheStore store) {
        this.store = store;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Binding binding = new Binding(registry);
        synchronized (bindings) {
            bindings.add(binding);
        }
        refresh();
    }

    /** Looks now, so that the caches of this moment have meters. */
    public void refresh() {
        Sample now = take();
        synchronized (bindings) {
            bindings.forEach(binding -> binding.follow(now));
        }
    }

    private Sample take() {
        StoreMetrics metrics = store.metrics();
        Map<String, CacheMetrics> caches = new HashMap<>();
        metrics.caches().forEach(cache -> caches.put(cache.name(), cache));
        Map<EngineKey, Double> engine = new HashMap<>();
        store.engineMetrics()
                .forEach(each -> engine.put(
                        new EngineKey(each.registry(), each.name(), each.kind(), each.quantile()), each.value()));
        Sample now = new Sample(metrics, caches, engine, System.nanoTime());
        last = now;
        return now;
    }

    private Sample sample() {
        Sample known = last;
        if (known != null && System.nanoTime() - known.nanos < FRESH_NANOS) {
            return known;
        }
        refresh();
        Sample now = last;
        return now == null ? take() : now;
    }

    /** Takes the meters away. */
    @Override
    public void close() {
        synchronized (bindings) {
            bindings.forEach(Binding::close);
            bindings.clear();
        }
    }

    /** The meters in one registry. */
    private final class Binding implements AutoCloseable {
        private final MeterRegistry registry;
        private final Tags tags;
        private final List<Meter> own = new ArrayList<>();
        private final Map<String, List<Meter>> ofCaches = new HashMap<>();
        private final Map<EngineKey, List<Meter>> ofEngine = new HashMap<>();
        private final Map<String, Map<StoreObserver.Use, Timer>> calls = new ConcurrentHashMap<>();
        private final CacheStore.Subscription observing;

        Binding(MeterRegistry registry) {
            this.registry = registry;
            MemberMetrics member = store.metrics().member();
            tags = member == null ? Tags.empty() : Tags.of("cluster", member.cluster(), "member", member.id());
            if (member != null) {
                bindMember();
            }
            bindCommit();
            observing = store.observe(new Times(
                    timers("concord.write", "Writes that this process asked for"),
                    timers("concord.append", "Entries of the log that this member put there as the leader"),
                    cache -> calls.computeIfAbsent(cache, this::callTimers)));
        }

        private Map<StoreObserver.Use, Timer> callTimers(String cache) {
            Map<StoreObserver.Use, Timer> timers = new EnumMap<>(StoreObserver.Use.class);
            for (StoreObserver.Use use : StoreObserver.Use.values()) {
                timers.put(
                        use,
                        Timer.builder("concord.cache.call")
                                .description("Calls of this process; timed where the cache has statistics enabled")
                                .tags(tags.and("cache", cache, "call", lower(use)))
                                .serviceLevelObjectives(CALL_BUCKETS)
                                .register(registry));
            }
            return timers;
        }

        private static String lower(Enum<?> word) {
            return word.name().toLowerCase(Locale.ROOT);
        }

        private Map<StoreObserver.Result, Timer> timers(String name, String what) {
            Map<StoreObserver.Result, Timer> timers = new EnumMap<>(StoreObserver.Result.class);
            for (StoreObserver.Result result : StoreObserver.Result.values()) {
                Timer timer = Timer.builder(name)
                        .description(what)
                        .tags(tags.and("result", lower(result)))
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry);
                timers.put(result, timer);
                own.add(timer);
            }
            return timers;
        }

        private void bindMember() {
            for (Role role : Role.values()) {
                if (role != Role.UNREACHABLE) {
                    own.add(gauge(
                            "concord.member.role",
                            "1 for the role that this member has",
                            null,
                            tags.and("role", lower(role)),
                            () -> member(of -> of.role() == role ? 1 : 0)));
                }
            }
            memberGauge("concord.member.serving", "1 while this member can serve", null, of -> of.serves() ? 1 : 0);
            memberGauge("concord.raft.term", "The term of Raft", null, MemberMetrics::term);
            memberGauge("concord.raft.last.index", "Last entry of this member's log", null, MemberMetrics::lastIndex);
            memberGauge("concord.raft.commit.index", "Last entry known as committed", null, MemberMetrics::commitIndex);
            memberGauge("concord.raft.applied.index", "Last entry applied here", null, MemberMetrics::appliedIndex);
            memberGauge("concord.raft.lag.entries", "Committed, not applied here", null, MemberMetrics::lagEntries);
            memberGauge(
                    "concord.raft.lag",
                    "For how long this member may have missed something",
                    "seconds",
                    of -> seconds(of.lagMillis()));
            memberGauge(
                    "concord.raft.leader.uptime",
                    "Since when this member knows its leader; 0 without one",
                    "seconds",
                    of -> seconds(of.leaderMillis()));
            own.add(counter("concord.raft.elections", "New leaders", tags, () -> member(MemberMetrics::elections)));
            memberGauge("concord.read.leased", "1 while reads ask nobody", null, of -> of.leased() ? 1 : 0);
            own.add(counter(
                    "concord.read.barriers",
                    "Times that a majority was asked, so as to read",
                    tags,
                    () -> member(MemberMetrics::barriers)));
            memberGauge("concord.read.waiting", "Reads that wait for a majority", null, MemberMetrics::readers);
            memberGauge("concord.log.size", "The log on disk", "bytes", MemberMetrics::logBytes);
            memberGauge("concord.snapshot.size", "Snapshots on disk", "bytes", MemberMetrics::snapshotBytes);
        }

        private static double seconds(long millis) {
            return millis / 1000.0;
        }

        private void bindCommit() {
            own.add(counter(
                    "concord.commit.commands",
                    "Commands that this process sent to the log, its own included",
                    tags,
                    () -> sample().metrics.commit().commands()));
            own.add(counter(
                    "concord.commit.entries",
                    "Entries of the log with these commands",
                    tags,
                    () -> sample().metrics.commit().entries()));
            own.add(gauge(
                    "concord.commit.queued",
                    "Commands that wait for the entry before theirs",
                    null,
                    tags,
                    () -> sample().metrics.commit().queued()));
        }

        private double member(ToDoubleFunction<MemberMetrics> of) {
            MemberMetrics member = sample().metrics.member();
            return member == null ? Double.NaN : of.applyAsDouble(member);
        }

        private void memberGauge(String name, String what, @Nullable String unit, ToDoubleFunction<MemberMetrics> of) {
            own.add(gauge(name, what, unit, tags, () -> member(of)));
        }

        private interface Value {
            double now();
        }

        private Gauge gauge(String name, String what, @Nullable String unit, Tags with, Value value) {
            return Gauge.builder(name, value, Value::now)
                    .description(what)
                    .baseUnit(unit)
                    .tags(with)
                    .strongReference(true)
                    .register(registry);
        }

        private FunctionCounter counter(String name, String what, Tags with, Value value) {
            // The registry would let go of the value, but not of the name, or of what the function holds.
            return FunctionCounter.builder(name, name, ignored -> value.now())
                    .description(what)
                    .tags(with)
                    .register(registry);
        }

        /** Adds the meters of what is new and removes those of what is gone. */
        void follow(Sample now) {
            calls.forEach((cache, timers) -> {
                if (!now.caches.containsKey(cache) && calls.remove(cache, timers)) {
                    timers.values().forEach(registry::remove);
                }
            });
            follow(ofCaches, now.caches.keySet(), name -> bindCache(Objects.requireNonNull(now.caches.get(name))));
            follow(ofEngine, now.engine.keySet(), this::bindEngine);
        }

        private <K> void follow(Map<K, List<Meter>> bound, Set<K> there, Function<K, List<Meter>> bind) {
            for (Iterator<Map.Entry<K, List<Meter>>> all = bound.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<K, List<Meter>> each = all.next();
                if (!there.contains(each.getKey())) {
                    each.getValue().forEach(registry::remove);
                    all.remove();
                }
            }
            there.forEach(key -> bound.computeIfAbsent(key, bind));
        }

        private List<Meter> bindEngine(EngineKey key) {
            Tags with = tags.and("registry", key.registry, "name", key.name);
            Value value = () -> sample().engine.getOrDefault(key, Double.NaN);
            return List.of(
                    switch (key.kind) {
                        case COUNT -> counter("concord.ratis.count", "What Ratis counts", with, value);
                        case VALUE -> gauge("concord.ratis.value", "What Ratis tells of itself", null, with, value);
                        case TIME ->
                            gauge(
                                    "concord.ratis.time",
                                    "Latest times of Ratis; quantile 1 is the longest",
                                    "seconds",
                                    with.and("quantile", String.valueOf(key.quantile)),
                                    value);
                    });
        }

        private List<Meter> bindCache(CacheMetrics cache) {
            String name = cache.name();
            Tags with = tags.and("cache", name);
            List<Meter> meters = new ArrayList<>();
            if (cache.stored() != null) {
                meters.add(gauge("concord.cache.entries", "Entries", null, with, () -> stored(name, Stored::entries)));
                meters.add(gauge(
                        "concord.cache.size",
                        "Bytes of keys and values",
                        "bytes",
                        with,
                        () -> stored(name, Stored::bytes)));
                String served = "Reads of clients that this member answered";
                meters.add(counter(
                        "concord.cache.served", served, with.and("result", "hit"), () -> stored(name, Stored::hits)));
                meters.add(counter(
                        "concord.cache.served",
                        served,
                        with.and("result", "miss"),
                        () -> stored(name, Stored::misses)));
                meters.add(counter("concord.cache.puts", "Values stored", with, () -> stored(name, Stored::puts)));
                meters.add(counter(
                        "concord.cache.removals", "Entries removed", with, () -> stored(name, Stored::removals)));
                meters.add(counter(
                        "concord.cache.evictions", "Entries evicted", with, () -> stored(name, Stored::evictions)));
                meters.add(counter(
                        "concord.cache.expirations", "Entries expired", with, () -> stored(name, Stored::expirations)));
            }
            String gets = "Reads of this process; counted where the cache has statistics enabled";
            meters.add(counter(
                    "concord.cache.gets",
                    gets,
                    with.and("result", "hit"),
                    () -> used(name, of -> of.use().hits())));
            meters.add(counter(
                    "concord.cache.gets",
                    gets,
                    with.and("result", "miss"),
                    () -> used(name, of -> of.use().misses())));
            String near = "Reads that were answered nearer than by the replica";
            meters.add(counter(
                    "concord.cache.near.hits",
                    near,
                    with.and("by", "value"),
                    () -> used(name, of -> of.use().nearHits())));
            meters.add(counter(
                    "concord.cache.near.hits",
                    near,
                    with.and("by", "copy"),
                    () -> used(name, of -> of.use().copyHits())));
            return meters;
        }

        private double stored(String cache, ToLongFunction<Stored> of) {
            CacheMetrics known = sample().caches.get(cache);
            Stored stored = known == null ? null : known.stored();
            return stored == null ? Double.NaN : of.applyAsLong(stored);
        }

        private double used(String cache, ToLongFunction<CacheMetrics> of) {
            CacheMetrics known = sample().caches.get(cache);
            return known == null ? Double.NaN : of.applyAsLong(known);
        }

        @Override
        public void close() {
            observing.close();
            own.forEach(registry::remove);
            ofCaches.values().forEach(meters -> meters.forEach(registry::remove));
            ofEngine.values().forEach(meters -> meters.forEach(registry::remove));
            calls.values().forEach(timers -> timers.values().forEach(registry::remove));
        }
    }

    private record Times(
            Map<StoreObserver.Result, Timer> writes,
            Map<StoreObserver.Result, Timer> appends,
            Function<String, Map<StoreObserver.Use, Timer>> calls)
            implements StoreObserver {
        @Override
        public void written(long nanos, Result result) {
            time(writes, result, nanos);
        }

        @Override
        public void appended(long nanos, int commands, Result result) {
            time(appends, result, nanos);
        }

        @Override
        public void used(String cache, Use use, long nanos) {
            time(calls.apply(cache), use, nanos);
        }

        private static <K> void time(Map<K, Timer> timers, K which, long nanos) {
            Timer timer = timers.get(which);
            if (timer != null) {
                timer.record(nanos, TimeUnit.NANOSECONDS);
            }
        }
    }
}
