package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.Task;
import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;
import java.util.ArrayList;
import java.util.List;

/**
 * A work that all systems do in turn.
 *
 * @param threads on each member that is loaded
 */
record Step(Work work, ValueType type, int valueBytes, int threads, Where where) {
    private static final int KEYS = 10_000;
    private static final int MOST_BYTES = 32 << 20;
    static final int VALUE_BYTES = 100;

    /** Which members are loaded. */
    enum Where {
        /** One; of a system with a leader the leader. */
        ONE,
        /** One; of a system with a leader first the leader, then a follower. */
        EACH_ROLE,
        /** All at once. */
        ALL
    }

    private static final Step GET = new Step(Work.GET, ValueType.STRING, VALUE_BYTES, 1, Where.EACH_ROLE);
    private static final Step GET_LIST = new Step(Work.GET, ValueType.LIST, VALUE_BYTES, 1, Where.EACH_ROLE);
    private static final Step PUT = new Step(Work.PUT, ValueType.STRING, VALUE_BYTES, 1, Where.EACH_ROLE);
    private static final Step PUT_64 = new Step(Work.PUT, ValueType.STRING, VALUE_BYTES, 64, Where.EACH_ROLE);

    /** In a cluster. */
    static final List<Step> CLUSTER = List.of(
            GET,
            GET_LIST,
            new Step(Work.MIXED, ValueType.STRING, VALUE_BYTES, 2, Where.ALL),
            PUT,
            PUT_64,
            new Step(Work.PUT_ALL, ValueType.STRING, VALUE_BYTES, 1, Where.EACH_ROLE));

    /** In one JVM. */
    static final List<Step> LOCAL = List.of(GET, GET_LIST, PUT);

    /** In a cluster of one member. */
    static final List<Step> ALONE = List.of(GET, PUT, PUT_64);

    static final Step MANY_PUTS = new Step(Work.PUT, ValueType.STRING, VALUE_BYTES, 64, Where.ONE);

    /** In clusters of different sizes. */
    static final List<Step> GROWTH = List.of(new Step(Work.PUT, ValueType.STRING, VALUE_BYTES, 1, Where.ONE));

    /** In a cluster: throughput against threads and value size. */
    static List<Step> sweep() {
        List<Step> steps = new ArrayList<>();
        for (int threads : new int[] {2, 4, 8, 16, 32}) {
            steps.add(new Step(Work.PUT, ValueType.STRING, VALUE_BYTES, threads, Where.ONE));
        }
        for (int bytes : new int[] {1 << 10, 10 << 10, 100 << 10}) {
            steps.add(new Step(Work.GET, ValueType.STRING, bytes, 1, Where.ONE));
            steps.add(new Step(Work.PUT, ValueType.STRING, bytes, 1, Where.ONE));
        }
        return steps;
    }

    List<Place> places(Candidate candidate) {
        return switch (where) {
            case ALL -> List.of(Place.ALL);
            case ONE -> List.of(candidate.hasLeader() ? Place.LEADER : Place.ANY);
            case EACH_ROLE -> candidate.hasLeader() ? List.of(Place.LEADER, Place.FOLLOWER) : List.of(Place.ANY);
        };
    }

    /** Fewer keys of large values, so that they fit into small heaps. */
    Task task(double seconds) {
        return new Task(
                work, type, valueBytes, Math.min(KEYS, MOST_BYTES / valueBytes), threads, (long) (seconds * 1000));
    }

    String title() {
        String what = switch (work) {
            case GET -> type == ValueType.STRING ? "get hit, immutable value" : "get hit, mutable value";
            case MIXED -> "99 % gets, 1 % puts, on each member";
            case PUT -> "put";
            case PUT_ALL -> "putAll of " + Work.BATCH;
        };
        return what + ", " + threads + (threads == 1 ? " thread" : " threads")
                + (valueBytes == VALUE_BYTES ? "" : ", " + (valueBytes >> 10) + " KB");
    }
}
