package io.concordcache.benchmarks.member;

/** What a thread does again and again, with keys at random. */
public enum Work {
    /** Gets a key that is there. */
    GET,
    /** 99 gets and a put. */
    MIXED,
    /** Puts a key that is there. */
    PUT,
    /** Puts {@value #BATCH} keys at once. */
    PUT_ALL;

    /** Keys of a {@link #PUT_ALL}, and gets of those too fast to be timed one by one. */
    public static final int BATCH = 1000;
}
