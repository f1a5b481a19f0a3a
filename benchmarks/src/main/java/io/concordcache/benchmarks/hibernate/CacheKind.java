package io.concordcache.benchmarks.hibernate;

import java.util.List;

/** Which second-level cache; of Concord a member of a cluster of three, each with a session factory of its own in this JVM. */
public enum CacheKind {
    MEMBER_1,
    MEMBER_2,
    MEMBER_3,
    /** Concord, one member, with no settings. */
    ALONE,
    /** By JCache. */
    EHCACHE,
    NONE;

    static final List<CacheKind> MEMBERS = List.of(MEMBER_1, MEMBER_2, MEMBER_3);
}
