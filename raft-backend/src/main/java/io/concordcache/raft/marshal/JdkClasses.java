package io.concordcache.raft.marshal;

import java.util.Set;

/**
 * The classes of the JDK that are admitted without being named: plain data, and collections of it.
 *
 * <p>Left out on purpose is what acts when it is read, hashed or compared ({@code java.net.URL} asks the
 * name server), what holds code ({@code java.lang.reflect}, {@code java.lang.invoke}) and what is larger in
 * memory than in bytes ({@code Collections.nCopies}).
 */
final class JdkClasses {
    private static final Set<String> HARMLESS = Set.of(
            "java.io.Serializable",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.CharSequence",
            "java.lang.Character",
            "java.lang.Class",
            "java.lang.Comparable",
            "java.lang.Double",
            "java.lang.Enum",
            "java.lang.Float",
            "java.lang.Integer",
            "java.lang.Iterable",
            "java.lang.Long",
            "java.lang.Number",
            "java.lang.Object",
            "java.lang.Short",
            "java.lang.StackTraceElement",
            "java.lang.String",
            "java.lang.String$CaseInsensitiveComparator",
            "java.math.BigDecimal",
            "java.math.BigInteger",
            "java.math.MathContext",
            "java.net.URI",
            "java.sql.Date",
            "java.sql.Time",
            "java.sql.Timestamp",
            "java.util.AbstractMap$SimpleEntry",
            "java.util.AbstractMap$SimpleImmutableEntry",
            "java.util.ArrayDeque",
            "java.util.ArrayList",
            "java.util.Arrays$ArrayList",
            "java.util.BitSet",
            "java.util.Calendar",
            "java.util.CollSer",
            "java.util.Collection",
            "java.util.Comparator",
            "java.util.Comparators$NullComparator",
            "java.util.Currency",
            "java.util.Date",
            "java.util.Deque",
            "java.util.EnumMap",
            "java.util.EnumSet",
            "java.util.EnumSet$SerializationProxy",
            "java.util.GregorianCalendar",
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.Hashtable",
            "java.util.IdentityHashMap",
            "java.util.LinkedHashMap",
            "java.util.LinkedHashSet",
            "java.util.LinkedList",
            "java.util.List",
            "java.util.Locale",
            "java.util.Map",
            "java.util.Map$Entry",
            "java.util.NavigableMap",
            "java.util.NavigableSet",
            "java.util.PriorityQueue",
            "java.util.Properties",
            "java.util.Queue",
            "java.util.Set",
            "java.util.SimpleTimeZone",
            "java.util.SortedMap",
            "java.util.SortedSet",
            "java.util.Stack",
            "java.util.TimeZone",
            "java.util.TreeMap",
            "java.util.TreeMap$AscendingSubMap",
            "java.util.TreeMap$DescendingSubMap",
            "java.util.TreeMap$NavigableSubMap",
            "java.util.TreeSet",
            "java.util.UUID",
            "java.util.Vector",
            "java.util.concurrent.ConcurrentHashMap",
            "java.util.concurrent.ConcurrentHashMap$CollectionView",
            "java.util.concurrent.ConcurrentHashMap$KeySetView",
            "java.util.concurrent.ConcurrentHashMap$Segment",
            "java.util.concurrent.ConcurrentLinkedDeque",
            "java.util.concurrent.ConcurrentLinkedQueue",
            "java.util.concurrent.ConcurrentMap",
            "java.util.concurrent.ConcurrentSkipListMap",
            "java.util.concurrent.ConcurrentSkipListMap$SubMap",
            "java.util.concurrent.ConcurrentSkipListSet",
            "java.util.concurrent.CopyOnWriteArrayList",
            "java.util.concurrent.CopyOnWriteArraySet",
            "java.util.concurrent.atomic.AtomicBoolean",
            "java.util.concurrent.atomic.AtomicInteger",
            "java.util.concurrent.atomic.AtomicIntegerArray",
            "java.util.concurrent.atomic.AtomicLong",
            "java.util.concurrent.atomic.AtomicLongArray",
            "java.util.concurrent.atomic.AtomicReference",
            "java.util.concurrent.atomic.AtomicReferenceArray",
            "java.util.concurrent.atomic.DoubleAdder$SerializationProxy",
            "java.util.concurrent.atomic.LongAdder$SerializationProxy",
            // What ConcurrentHashMap writes for the sake of readers on Java 7.
            "java.util.concurrent.locks.AbstractOwnableSynchronizer",
            "java.util.concurrent.locks.AbstractQueuedSynchronizer",
            "java.util.concurrent.locks.ReentrantLock",
            "java.util.concurrent.locks.ReentrantLock$NonfairSync",
            "java.util.concurrent.locks.ReentrantLock$Sync",
            "sun.util.calendar.ZoneInfo");

    private static final Set<String> PACKAGES = Set.of("java.time", "java.time.chrono", "java.time.temporal");

    /** Exceptions are data of caches that remember failed calls; javax.management has ones that act when read. */
    private static final Set<String> PACKAGES_OF_EXCEPTIONS =
            Set.of("java.io", "java.lang", "java.sql", "java.time", "java.util", "java.util.concurrent");

    /** The wrappers: unmodifiable, synchronized, checked, singleton, empty, and their comparators. */
    private static final String WRAPPERS = "java.util.Collections$";

    private static final String UNBOUNDED_WRAPPER = "java.util.Collections$CopiesList";

    static boolean isJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader.equals(ClassLoader.getPlatformClassLoader());
    }

    /** Tells for a class, not an array, whether the JDK defines it and no one can do harm with it. */
    static boolean isHarmless(Class<?> type) {
        if (!isJdk(type)) {
            return false;
        }
        String name = type.getName();
        return type.isPrimitive()
                || type.isEnum()
                || HARMLESS.contains(name)
                || PACKAGES.contains(type.getPackageName())
                || (name.startsWith(WRAPPERS) && !name.equals(UNBOUNDED_WRAPPER))
                || (Throwable.class.isAssignableFrom(type) && PACKAGES_OF_EXCEPTIONS.contains(type.getPackageName()));
    }

    private JdkClasses() {}
}
