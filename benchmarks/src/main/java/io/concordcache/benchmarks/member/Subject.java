package io.concordcache.benchmarks.member;

/** A system under test, as one member of it in this JVM. Implementations have a public constructor without arguments. */
public interface Subject {

    /** Starts this member; returns when it and all others of its cluster serve. */
    void start(Seat seat) throws Exception;

    /** The unbounded cache for values of this type, the same on all members; called once for each type. */
    Entries open(ValueType type) throws Exception;

    /** Whether this member is told apart from others, and how. */
    default Role role() throws Exception {
        return Role.ANY;
    }

    /** Ends what would outlive this JVM, which is halted then. */
    default void end() throws Exception {}

    /** What a member is in its cluster. */
    enum Role {
        LEADER,
        FOLLOWER,
        /** The system does not tell its members apart. */
        ANY
    }
}
