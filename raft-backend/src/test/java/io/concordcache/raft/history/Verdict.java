package io.concordcache.raft.history;

/**
 * What a check came to.
 *
 * @param why the operations that contradict each other, or what was too much to check; empty if all is well
 */
public record Verdict(Result result, String why) {
    /** Unknown is not OK: the search was given up. */
    public enum Result {
        OK,
        UNKNOWN,
        VIOLATION
    }

    public static final Verdict OK = new Verdict(Result.OK, "");

    static Verdict violation(String why) {
        return new Verdict(Result.VIOLATION, why);
    }

    static Verdict unknown(String why) {
        return new Verdict(Result.UNKNOWN, why);
    }

    public boolean isOk() {
        return result == Result.OK;
    }

    public boolean isViolation() {
        return result == Result.VIOLATION;
    }

    /** The worse of the two. */
    Verdict and(Verdict other) {
        return other.result.compareTo(result) > 0 ? other : this;
    }

    @Override
    public String toString() {
        return why.isEmpty() ? result.toString() : result + ": " + why;
    }
}
