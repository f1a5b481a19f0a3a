package io.concordcache.raft.history;

import java.util.Locale;

/**
 * One operation on one key, as its caller saw it. An operation on several keys is one for each, with the same {@code call}.
 *
 * <p>As a line: {@code session kind key began ended outcome} and then what is known of {@code value= expected= ttl= found=
 * version= index= call= level=}; no blanks within any of them. So {@code s1 put k 10 25 ok value=7 version=12}, or {@code s2
 * get k 30 31 ok found=7}; {@code found=} alone is an entry that was not there.
 *
 * @param session who called: a session has one operation at a time
 * @param key {@link #ALL} for a clear
 * @param began time at which it was called; of the same clock as all other times
 * @param ended time at which it returned, {@link #NEVER} if its outcome is not known
 * @param value what was to be stored, empty to remove
 * @param expected the value that a {@link Kind#REPLACE} asks for, the version that a {@link Kind#CAS} does
 * @param ttl time to live, 0 for ever; in the unit of the times
 * @param found the value that was there, empty for none, null if the caller was not told
 * @param version of the entry that was found by a read, or stored by a write; 0 if not known
 * @param index place in the log of a write, or up to which a read has seen it; 0 if not known
 * @param call the same for all that happened at once, 0 if this did alone
 */
public record Op(
        String session,
        Kind kind,
        String key,
        long began,
        long ended,
        Outcome outcome,
        String value,
        String expected,
        long ttl,
        String found,
        long version,
        long index,
        long call,
        Level level) {
    public static final String ALL = "*";
    public static final long NEVER = Long.MAX_VALUE;
    static final String NOTHING = "";

    /** What was asked for. A remove that failed found nothing. */
    public enum Kind {
        GET,
        PUT,
        PUT_IF_ABSENT,
        REMOVE,
        REPLACE,
        CAS,
        TOUCH,
        CLEAR
    }

    /**
     * What came of it. Failed: the condition did not hold; what is known not to have been tried is left out. Unknown: it
     * takes effect at any time after it began, or never.
     */
    public enum Outcome {
        OK,
        FAILED,
        UNKNOWN
    }

    /** What a read promises. A copy is one that a client holds, of bounded age. */
    public enum Level {
        LINEARIZABLE,
        SESSION,
        EVENTUAL,
        COPY
    }

    public Op {
        if (ended < began) {
            throw new IllegalArgumentException("ended before it began: " + key + " " + began + " " + ended);
        }
        if ((outcome == Outcome.UNKNOWN) != (ended == NEVER)) {
            throw new IllegalArgumentException("either it ended or its outcome is unknown: " + key + " " + began);
        }
        if (outcome == Outcome.FAILED && (kind == Kind.GET || kind == Kind.PUT || kind == Kind.CLEAR)) {
            throw new IllegalArgumentException("without a condition it cannot fail: " + kind + " of " + key);
        }
    }

    /** An operation of which no more is known than that it began. */
    public static Op begun(String session, Kind kind, String key, long began) {
        return new Op(
                session,
                kind,
                key,
                began,
                NEVER,
                Outcome.UNKNOWN,
                NOTHING,
                NOTHING,
                0,
                null,
                0,
                0,
                0,
                Level.LINEARIZABLE);
    }

    public static Op parse(String line) {
        String[] words = line.split(" ");
        Op op = begun(words[0], Kind.valueOf(words[1].toUpperCase(Locale.ROOT)), words[2], Long.parseLong(words[3]))
                .ended(
                        words[4].equals("-") ? NEVER : Long.parseLong(words[4]),
                        Outcome.valueOf(words[5].toUpperCase(Locale.ROOT)));
        for (int i = 6; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            op = op.with(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return op;
    }

    /** This with one of the fields that are not always known, by its name. */
    public Op with(String field, Object to) {
        String text = to.toString();
        return new Op(
                session,
                kind,
                key,
                began,
                ended,
                outcome,
                field.equals("value") ? text : value,
                field.equals("expected") ? text : expected,
                field.equals("ttl") ? Long.parseLong(text) : ttl,
                field.equals("found") ? text : found,
                field.equals("version") ? Long.parseLong(text) : version,
                field.equals("index") ? Long.parseLong(text) : index,
                field.equals("call") ? Long.parseLong(text) : call,
                field.equals("level") ? Level.valueOf(text.toUpperCase(Locale.ROOT)) : level);
    }

    public Op ended(long at, Outcome as) {
        return between(began, at, as);
    }

    Op between(long from, long until, Outcome as) {
        return new Op(session, kind, key, from, until, as, value, expected, ttl, found, version, index, call, level);
    }

    boolean isRead() {
        return kind == Kind.GET;
    }

    /** Whether this changes nothing, whatever is there. */
    boolean isPure() {
        return isRead() || outcome == Outcome.FAILED;
    }

    boolean isUnknown() {
        return outcome == Outcome.UNKNOWN;
    }

    /** Whether this may store a value; else it can only remove, or change nothing. */
    boolean stores() {
        return !isPure() && !value.equals(NOTHING);
    }

    boolean concerns(String which) {
        return key.equals(which) || key.equals(ALL);
    }

    /** Whether this ended before the other began. */
    boolean isBefore(Op other) {
        return ended < other.began;
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(session)
                .append(' ')
                .append(lower(kind))
                .append(' ')
                .append(key)
                .append(' ')
                .append(began)
                .append(' ')
                .append(ended == NEVER ? "-" : ended)
                .append(' ')
                .append(lower(outcome));
        add(line, "value", value.equals(NOTHING) ? null : value);
        add(line, "expected", expected.equals(NOTHING) ? null : expected);
        add(line, "ttl", ttl == 0 ? null : ttl);
        add(line, "found", found);
        add(line, "version", version == 0 ? null : version);
        add(line, "index", index == 0 ? null : index);
        add(line, "call", call == 0 ? null : call);
        add(line, "level", level == Level.LINEARIZABLE ? null : lower(level));
        return line.toString();
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    private static void add(StringBuilder line, String field, Object value) {
        if (value != null) {
            line.append(' ').append(field).append('=').append(value);
        }
    }
}
