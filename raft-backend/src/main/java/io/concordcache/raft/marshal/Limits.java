package io.concordcache.raft.marshal;

import java.util.concurrent.TimeUnit;

/** What one key or value may cost, checked when it is written and again when it is read. */
final class Limits {
    /** Objects inside objects. Reading counts class hierarchies too, hence the room above {@link #DEPTH_WRITTEN}. */
    static final int DEPTH = 100;

    static final int DEPTH_WRITTEN = 90;

    /** References in one graph, and references met when its collections are unfolded to a tree. */
    static final int REFERENCES = 1_000_000;

    /**
     * Elements looked at while the collections of one graph are measured when it is read. The writer counts what a
     * collection shows as references; only a stream that it did not make has many views of one large collection.
     */
    static final int MEASURED = 4 * REFERENCES;

    /**
     * Processor time that reading one object may take. A collection that is the key of many others is hashed each time,
     * which no other limit stops.
     */
    static final long READING_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Elements of one array. */
    static final int ARRAY_LENGTH = 16 * 1024 * 1024;

    /** Every element takes a byte or more; the rest is what the JDK's collections reserve when empty. */
    static final int SPARE_ELEMENTS = 64;

    /** A hash table is larger than what it holds: by a factor of up to eight at the smallest load factor. */
    static final int TABLE_FACTOR = 8;

    static MarshalException exceeded(String what, long limit) {
        return new MarshalException("the object graph has " + what + " than the " + limit
                + " allowed in one cache key or value; store it in smaller parts");
    }

    private Limits() {}
}
