package io.concordcache.benchmarks;

import io.concordcache.benchmarks.concord.ConcordSubject;
import io.concordcache.benchmarks.local.LocalSubject;
import io.concordcache.benchmarks.local.MapSubject;
import io.concordcache.benchmarks.member.Subject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A system that can be measured. */
public enum Candidate {
    CONCORD(
            "concord",
            "Concord",
            ConcordSubject.class.getName(),
            "",
            "concord-jcache-provider-",
            Kind.RAFT,
            Reads.LATEST,
            "JCache, linearizable; durability disk in clusters, memory alone"),
    HAZELCAST(
            "hazelcast",
            "Hazelcast",
            "io.concordcache.benchmarks.hazelcast.HazelcastSubject",
            "hazelcast",
            "hazelcast-",
            Kind.CLUSTER,
            Reads.LATEST,
            "ICache (JCache), 2 synchronous backups, gets from the owner of the key"),
    INFINISPAN(
            "infinispan",
            "Infinispan",
            "io.concordcache.benchmarks.infinispan.InfinispanSubject",
            "infinispan",
            "infinispan-core-",
            Kind.CLUSTER,
            Reads.REPLICA,
            "REPL_SYNC, gets by reference from the local replica"),
    JGROUPS_RAFT(
            "jgroups-raft",
            "jgroups-raft",
            "io.concordcache.benchmarks.jgroupsraft.JGroupsRaftSubject",
            "jgroups-raft",
            "jgroups-raft-",
            Kind.RAFT,
            Reads.LATEST,
            "ReplicatedStateMachine, log in memory, linearizable gets; it has no putAll"),
    IGNITE(
            "ignite",
            "Ignite",
            "io.concordcache.benchmarks.ignite.IgniteSubject",
            "ignite",
            "ignite-core-",
            Kind.CLUSTER,
            Reads.REPLICA,
            "REPLICATED, FULL_SYNC, ATOMIC, gets from the local replica, data outside of the heap"),
    REDISSON(
            "redisson",
            "Redisson",
            "io.concordcache.benchmarks.redisson.RedissonSubject",
            "redisson",
            "redisson-",
            Kind.CLUSTER,
            Reads.LATEST,
            "a client in each JVM, one redis-server without replicas or disk"),
    CAFFEINE(
            "caffeine",
            "Caffeine by value",
            LocalSubject.Caffeine.class.getName(),
            "",
            "caffeine-",
            Kind.LOCAL,
            Reads.LATEST,
            "JCache of one JVM, copies"),
    CAFFEINE_REFERENCE(
            "caffeine-reference",
            "Caffeine by reference",
            LocalSubject.CaffeineByReference.class.getName(),
            "",
            "caffeine-",
            Kind.LOCAL,
            Reads.LATEST,
            "JCache of one JVM, no copies"),
    EHCACHE(
            "ehcache",
            "Ehcache by value",
            LocalSubject.Ehcache.class.getName(),
            "",
            "ehcache-",
            Kind.LOCAL,
            Reads.LATEST,
            "JCache of one JVM, copies"),
    CACHE2K(
            "cache2k",
            "cache2k by value",
            LocalSubject.Cache2k.class.getName(),
            "",
            "cache2k-jcache-",
            Kind.LOCAL,
            Reads.LATEST,
            "JCache of one JVM, copies"),
    MAP(
            "map",
            "ConcurrentHashMap",
            MapSubject.class.getName(),
            "",
            "",
            Kind.LOCAL,
            Reads.LATEST,
            "of the JDK, values as byte arrays; for the heap");

    /** What a system consists of. */
    enum Kind {
        /** Members, one of which leads. */
        RAFT,
        /** Members that are all the same. */
        CLUSTER,
        /** One JVM. */
        LOCAL
    }

    /** What a get may return. */
    enum Reads {
        /** The latest value that was acknowledged, as long as nothing fails. */
        LATEST,
        /** What the local replica has, maybe an older one. */
        REPLICA
    }

    private final String id;
    private final String title;
    private final String subject;
    private final String module;
    private final String artifact;
    private final Kind kind;
    private final Reads reads;
    private final String how;

    @SuppressWarnings("TooManyParameters")
    Candidate(
            String id,
            String title,
            String subject,
            String module,
            String artifact,
            Kind kind,
            Reads reads,
            String how) {
        this.id = id;
        this.title = title;
        this.subject = subject;
        this.module = module;
        this.artifact = artifact;
        this.kind = kind;
        this.reads = reads;
        this.how = how;
    }

    /** As on the command line. */
    @Override
    public String toString() {
        return id;
    }

    /** As people read it. */
    public String title() {
        return title;
    }

    /** How it is used. */
    public String how() {
        return how;
    }

    public boolean isLocal() {
        return kind == Kind.LOCAL;
    }

    /** A program that has to be on the path. */
    Optional<String> program() {
        return this == REDISSON ? Optional.of("redis-server") : Optional.empty();
    }

    /** Whether its entries are in the heaps of its members, and can be put there in reasonable time. */
    boolean isOnHeap() {
        return this != REDISSON && this != IGNITE && hasPutAll();
    }

    /** Whether it can put many at once. */
    boolean hasPutAll() {
        return this != JGROUPS_RAFT;
    }

    /** Whether it is there for the heap only. */
    boolean isForHeapOnly() {
        return this == MAP;
    }

    public boolean readsLatest() {
        return reads == Reads.LATEST;
    }

    public boolean hasLeader() {
        return kind == Kind.RAFT;
    }

    /** The class that adapts it. */
    String subject() {
        return subject;
    }

    /** Its adapter, if it is on the class path of this JVM. */
    public Subject newSubject() throws ReflectiveOperationException {
        return Class.forName(subject).asSubclass(Subject.class).getConstructor().newInstance();
    }

    /** The folder of its own under {@code peers}, empty if it is on the class path of the driver. */
    String module() {
        return module;
    }

    /** How the name of its jar begins, up to the version. */
    String artifact() {
        return artifact;
    }

    /** What its JVM is told beyond what all are. */
    List<String> jvmArguments() {
        return switch (this) {
            case HAZELCAST ->
                List.of(
                        "--add-modules",
                        "java.se",
                        "--add-exports",
                        "java.base/jdk.internal.ref=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/sun.nio.ch=ALL-UNNAMED",
                        "--add-opens",
                        "java.management/sun.management=ALL-UNNAMED",
                        "--add-opens",
                        "jdk.management/com.sun.management.internal=ALL-UNNAMED");
            case IGNITE ->
                Stream.of(
                                "java.base/jdk.internal.access",
                                "java.base/jdk.internal.misc",
                                "java.base/sun.nio.ch",
                                "java.base/sun.util.calendar",
                                "java.management/com.sun.jmx.mbeanserver",
                                "jdk.internal.jvmstat/sun.jvmstat.monitor",
                                "java.base/sun.reflect.generics.reflectiveObjects",
                                "jdk.management/com.sun.management.internal",
                                "java.base/java.io",
                                "java.base/java.nio",
                                "java.base/java.net",
                                "java.base/java.util",
                                "java.base/java.util.concurrent",
                                "java.base/java.util.concurrent.locks",
                                "java.base/java.util.concurrent.atomic",
                                "java.base/java.lang",
                                "java.base/java.lang.invoke",
                                "java.base/java.math",
                                "java.sql/java.sql",
                                "java.base/java.time",
                                "java.base/java.text",
                                "java.management/sun.management")
                        .flatMap(opened -> Stream.of("--add-opens", opened + "=ALL-UNNAMED"))
                        .toList();
            default -> List.of();
        };
    }
}
