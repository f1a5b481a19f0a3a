package io.concordcache.benchmarks;

import io.concordcache.benchmarks.concord.ConcordSubject;
import io.concordcache.benchmarks.local.LocalSubject;
import java.util.List;

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
            "JCache of one JVM, no copies");

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
            default -> List.of();
        };
    }
}
