package io.concordcache.raft.history;

/**
 * The sequential specification of one key: what it has, and how one operation after the other changes it.
 *
 * @param value empty for none
 * @param version 0 if not known yet
 * @param deadlineBy number of the operation that gave the entry its time to live, {@link #NOBODY} if it lives for ever
 */
record KeyState(String value, long version, int deadlineBy) {
    static final int NOBODY = -1;
    static final KeyState ABSENT = new KeyState(Op.NOTHING, 0, NOBODY);

    boolean isAbsent() {
        return value.equals(Op.NOTHING);
    }

    /** What is there after the operation of this number, null if it would not have seen or done here what it did. */
    KeyState after(Op op, int number) {
        if (op.found() != null && !op.found().equals(value)) {
            return null;
        }
        if (op.outcome() == Op.Outcome.FAILED) {
            return mayFail(op) ? this : null;
        }
        if (!mayHold(op)) {
            return null;
        }
        return switch (op.kind()) {
            case GET -> read(op.version());
            case PUT, PUT_IF_ABSENT, REPLACE, CAS -> stored(op, number);
            case TOUCH -> new KeyState(value, version, op.ttl() > 0 ? number : NOBODY);
            case REMOVE, CLEAR -> ABSENT;
        };
    }

    private boolean mayHold(Op op) {
        return switch (op.kind()) {
            case GET, PUT, REMOVE, CLEAR -> true;
            case PUT_IF_ABSENT -> isAbsent();
            case REPLACE -> !isAbsent() && value.equals(op.expected());
            case CAS -> !isAbsent() && (version == 0 || version == Long.parseLong(op.expected()));
            case TOUCH -> !isAbsent();
        };
    }

    private boolean mayFail(Op op) {
        return switch (op.kind()) {
            case GET, PUT, CLEAR -> throw new IllegalStateException("cannot fail: " + op);
            case REMOVE, TOUCH -> isAbsent();
            case PUT_IF_ABSENT -> !isAbsent();
            case REPLACE -> isAbsent() || !value.equals(op.expected());
            case CAS -> isAbsent() || version == 0 || version != Long.parseLong(op.expected());
        };
    }

    private KeyState read(long seen) {
        if (seen == 0 || seen == version) {
            return this;
        }
        return version == 0 && !isAbsent() ? new KeyState(value, seen, deadlineBy) : null;
    }

    private static KeyState stored(Op op, int number) {
        return op.value().equals(Op.NOTHING)
                ? ABSENT
                : new KeyState(op.value(), op.version(), op.ttl() > 0 ? number : NOBODY);
    }

    /** The hidden operation that ends what the operation of this number has stored or touched. */
    KeyState expired(int number) {
        return deadlineBy == number ? ABSENT : this;
    }

    @Override
    public String toString() {
        return isAbsent() ? "nothing" : value + (version == 0 ? "" : " of version " + version);
    }
}
