package io.concordcache.hibernate;

import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreHolder;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hibernate.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code hibernate.cache.concord.*} of one session factory, parsed once. Unknown ones are refused.
 *
 * @param uri of the store: {@code concord:local} (the default) for a member alone, {@code concord:local?members=…} for one
 *     of a cluster, {@code concord://host:port,…} for a client, {@code concord:file:…}; as for JCache, with which it is
 *     shared if both name the same
 * @param store a running store in place of the URI, given itself or as a {@link StoreHolder}; it is not closed
 * @param missingRegion what to do if the store has no region of the name
 * @param onUnavailable what becomes of a transaction whose locks are not acknowledged
 * @param lockTimeout when a soft lock ends by itself, because whoever holds it is gone; for as long again nothing is loaded
 *     there. Too short: a transaction that takes longer between its flush and its commit is rolled back. Too long: after a
 *     crash its rows are read from the database for so long. 1 s to 1 h, default 60 s
 * @param outboxPoll how often a node looks for what others committed without locks, with {@link FailurePolicy#OUTBOX}. 50 ms to 1 m,
 *     default 1 s
 * @param namespace tells versions of an application apart that run side by side: values of others are misses, what they
 *     change is noticed. Empty by default
 * @param invalidateOnly true to tell others of what is written, but neither read nor store anything: for the nodes that go
 *     first when caching comes to entities of a running application
 * @param transactional what becomes of access type {@code TRANSACTIONAL}, which no replicated cache can give
 * @param allowedClasses patterns of classes that values may be of, beyond those that the entities have
 * @param ofRegions the settings of regions as they were given, without the prefix
 */
record RegionSettings(
        URI uri,
        @Nullable CacheStore store,
        MissingRegion missingRegion,
        FailurePolicy onUnavailable,
        Duration lockTimeout,
        Duration outboxPoll,
        String namespace,
        boolean invalidateOnly,
        Transactional transactional,
        List<String> allowedClasses,
        Map<String, String> ofRegions) {

    /** {@code missing-region}. */
    enum MissingRegion {
        CREATE,
        CREATE_WARN,
        FAIL
    }

    /** {@code transactional}. */
    enum Transactional {
        /** It is taken as {@code READ_WRITE}, with a warning. */
        READ_WRITE,
        REJECT
    }

    /** What a region holds, by which settings may be given to all of a kind. */
    enum Kind {
        ENTITY,
        COLLECTION,
        NATURAL_ID,
        QUERY,
        TIMESTAMPS;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static final String PREFIX = "hibernate.cache.concord.";

    private static final String URI_KEY = "uri";
    private static final String STORE = "store";
    private static final String MISSING_REGION = "missing-region";
    private static final String ON_UNAVAILABLE = "on-unavailable";
    private static final String LOCK_TIMEOUT = "lock-timeout";
    private static final String OUTBOX_POLL = "outbox-poll";
    private static final String NAMESPACE = "namespace";
    private static final String INVALIDATE_ONLY = "invalidate-only";
    private static final String TRANSACTIONAL = "transactional";
    private static final String ALLOW = "serialization-allow";
    private static final String TIME_TO_LIVE = "time-to-live";
    private static final String MAX_ENTRIES = "max-entries";
    private static final String NEAR_CACHE = "near-cache-max-entries";
    private static final List<String> GLOBAL = List.of(
            URI_KEY,
            STORE,
            MISSING_REGION,
            ON_UNAVAILABLE,
            LOCK_TIMEOUT,
            OUTBOX_POLL,
            NAMESPACE,
            INVALIDATE_ONLY,
            TRANSACTIONAL,
            ALLOW);
    private static final List<String> OF_REGION = List.of(TIME_TO_LIVE, MAX_ENTRIES, NEAR_CACHE);

    private static final long DEFAULT_ENTRIES = 10_000;
    private static final long DEFAULT_NEAR_ENTRIES = 10_000;
    private static final Duration SHORTEST_LOCK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOCK = Duration.ofHours(1);
    private static final Duration SHORTEST_POLL = Duration.ofMillis(50);
    private static final Duration LONGEST_POLL = Duration.ofMinutes(1);
    private static final Pattern TIME = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    /** @throws CacheException that names the setting, its value and what it may be */
    static RegionSettings of(Map<String, Object> all) {
        Map<String, Object> ours = new TreeMap<>();
        all.forEach((key, value) -> {
            if (key.startsWith(PREFIX)) {
                ours.put(key.substring(PREFIX.length()), value);
            }
        });
        Map<String, String> ofRegions = new TreeMap<>();
        ours.forEach((key, value) -> {
            String last = key.substring(key.lastIndexOf('.') + 1);
            if (!GLOBAL.contains(key)) {
                if (!OF_REGION.contains(last)) {
                    throw new CacheException("unknown setting " + PREFIX + key + "; known are "
                            + String.join(", ", GLOBAL) + ", and for regions " + String.join(", ", OF_REGION)
                            + " (" + PREFIX + "<region>.time-to-live)");
                }
                ofRegions.put(key, String.valueOf(value));
            }
        });
        RegionSettings settings = new RegionSettings(
                parse(ours, URI_KEY, URI.create("concord:local"), URI::create, "a URI such as concord:local"),
                store(ours.get(STORE)),
                word(ours, MISSING_REGION, MissingRegion.CREATE),
                word(ours, ON_UNAVAILABLE, FailurePolicy.FAIL),
                parse(ours, LOCK_TIMEOUT, Duration.ofSeconds(60), between(SHORTEST_LOCK, LONGEST_LOCK), "1s to 1h"),
                parse(ours, OUTBOX_POLL, Duration.ofSeconds(1), between(SHORTEST_POLL, LONGEST_POLL), "50ms to 1m"),
                parse(ours, NAMESPACE, "", Function.identity(), "a word"),
                parse(ours, INVALIDATE_ONLY, false, RegionSettings::yesOrNo, "true or false"),
                word(ours, TRANSACTIONAL, Transactional.READ_WRITE),
                parse(
                        ours,
                        ALLOW,
                        List.of(),
                        RegionSettings::list,
                        "class names, com.acme.* or com.acme.**, with commas"),
                ofRegions);
        ofRegions.keySet().forEach(key -> settings.check(key));
        return settings;
    }

    private void check(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        if (last.equals(TIME_TO_LIVE)) {
            parse(ofRegions, key, Duration.ZERO, RegionSettings::duration, "a time such as 30m");
        } else {
            parse(ofRegions, key, 0L, text -> number(last, text), "a number from " + least(last));
        }
    }

    private static long least(String last) {
        return last.equals(NEAR_CACHE) ? 0 : 1;
    }

    private static long number(String last, String text) {
        if (last.equals(MAX_ENTRIES) && text.equals("unlimited")) {
            return CacheDefinition.UNBOUNDED;
        }
        long number = Long.parseLong(text);
        if (number < least(last)) {
            throw new IllegalArgumentException();
        }
        return number;
    }

    private static @Nullable CacheStore store(@Nullable Object value) {
        if (value == null || value instanceof CacheStore) {
            return (CacheStore) value;
        }
        if (value instanceof StoreHolder holder) {
            try {
                return holder.store();
            } catch (IllegalStateException e) {
                throw new CacheException(PREFIX + STORE + ": " + e.getMessage(), e);
            }
        }
        throw new CacheException(PREFIX + STORE + " is of " + value.getClass()
                + "; it takes a running store, or what holds one: a cache manager of Concord (not a wrapper of it; "
                + "unwrap it), or an object that is a " + CacheStore.class.getName() + "; else give the URI as "
                + PREFIX + URI_KEY);
    }

    private static Function<String, Duration> between(Duration shortest, Duration longest) {
        return text -> {
            Duration time = duration(text);
            if (time.compareTo(shortest) < 0 || time.compareTo(longest) > 0) {
                throw new IllegalArgumentException();
            }
            return time;
        };
    }

    /** Whether these settings name {@link FailurePolicy#OUTBOX}; looks at nothing else of them. */
    static boolean asksForOutbox(Map<String, Object> all) {
        Object policy = all.get(PREFIX + ON_UNAVAILABLE);
        return policy != null && String.valueOf(policy).strip().equalsIgnoreCase(FailurePolicy.OUTBOX.name());
    }

    private static Duration duration(String text) {
        Matcher time = TIME.matcher(text.strip());
        if (!time.matches()) {
            return Duration.parse(text);
        }
        long amount = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static boolean yesOrNo(String text) {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static <E extends Enum<E>> E word(Map<String, ?> from, String key, E unset) {
        List<String> words = new ArrayList<>();
        for (E each : unset.getDeclaringClass().getEnumConstants()) {
            words.add(each.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return parse(
                from,
                key,
                unset,
                text -> Enum.valueOf(
                        unset.getDeclaringClass(),
                        text.strip().toUpperCase(Locale.ROOT).replace('-', '_')),
                String.join(" or ", words));
    }

    private static <T> T parse(Map<String, ?> from, String key, T unset, Function<String, T> parser, String what) {
        Object value = from.get(key);
        if (value == null) {
            return unset;
        }
        try {
            return Objects.requireNonNull(parser.apply(String.valueOf(value)));
        } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
            throw new CacheException(PREFIX + key + " is '" + value + "'; it takes " + what, e);
        }
    }

    /** The value for a region: of its full name, else of its name without prefix, else of the kind, else of all. */
    private <T> T ofRegion(String qualified, String name, Kind kind, String last, T unset, Function<String, T> parser) {
        for (String prefix : List.of(qualified + ".", name + ".", kind.word() + ".", "")) {
            String value = ofRegions.get(prefix + last);
            if (value != null) {
                return Objects.requireNonNull(parser.apply(value));
            }
        }
        return unset;
    }

    /** How the cache of a region is made. Timestamps of query spaces never end and are never evicted. */
    CacheDefinition definition(String cacheName, String qualified, String name, Kind kind) {
        boolean plain = kind == Kind.TIMESTAMPS;
        @Nullable Duration timeToLive = plain ? null : timeToLive(qualified, name, kind);
        long entries = plain
                ? CacheDefinition.UNBOUNDED
                : ofRegion(qualified, name, kind, MAX_ENTRIES, DEFAULT_ENTRIES, text -> number(MAX_ENTRIES, text));
        ExpiryRule rule = timeToLive == null
                ? ExpiryRule.ETERNAL
                : new ExpiryRule(
                        Expiry.after(timeToLive.toMillis()), Expiry.UNCHANGED, Expiry.after(timeToLive.toMillis()));
        return new CacheDefinition(
                cacheName, rule, entries, CacheDefinition.UNBOUNDED, new TreeMap<>(Map.of("kind", "hibernate")));
    }

    /** Null if entries of the region do not expire. */
    @Nullable
    Duration timeToLive(String qualified, String name, Kind kind) {
        Duration none = Duration.ofSeconds(-1);
        Duration set = ofRegion(qualified, name, kind, TIME_TO_LIVE, none, RegionSettings::duration);
        return set.equals(none) ? null : set;
    }

    /** How many decoded values lie beside the replica; 0 for none. */
    long nearEntries(String qualified, String name, Kind kind) {
        return ofRegion(qualified, name, kind, NEAR_CACHE, DEFAULT_NEAR_ENTRIES, text -> number(NEAR_CACHE, text));
    }
}
