package io.concordcache.raft.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Gives a decoder damaged bytes and judges what it makes of them: a value that passes a check, or one of the exceptions
 * that it is documented to throw, with a message of one line without control characters; never more memory than a multiple of the input, nor more than
 * a second of processor time.
 *
 * <p>{@code -Dfuzz.inputs=2000000} tries more than 20,000 inputs for each decoder, {@code -Dfuzz.first=4711} begins
 * elsewhere; a failure names the number of its input, which is the same each time.
 */
public final class Fuzz<T> {
    private static final long INPUTS = Long.getLong("fuzz.inputs", 20_000);
    private static final long FIRST = Long.getLong("fuzz.first", 0);
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_FAILURES = 20;
    private static final int LONGEST_MESSAGE = 4_000;
    private static final int SHOWN_BYTES = 2_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is tried. */
    public interface Decoder<T> {
        T decode(byte[] bytes) throws Exception;
    }

    /** What must hold of all that could be decoded: it can be encoded again, and so on. */
    public interface Check<T> {
        void check(T decoded) throws Exception;
    }

    private final String name;
    private final List<byte[]> valid;
    private final List<byte[]> invalid = new ArrayList<>();
    private final List<byte[]> words = new ArrayList<>();
    private final Decoder<T> decoder;
    private final Map<String, String> failures = new LinkedHashMap<>();
    private List<Class<?>> refusals = List.of();
    private Check<T> check = decoded -> {};
    private long perByte = 100;
    private long more = 100_000;
    private long inputs = INPUTS;

    private long decoded;
    private long refused;
    private double mostPerByte;
    private long slowestNanos;

    /** @param valid bytes that the decoder reads, of each kind that there is */
    public Fuzz(String name, List<byte[]> valid, Decoder<T> decoder) {
        this.name = name;
        this.valid = valid;
        this.decoder = decoder;
    }

    /** What the decoder may throw. */
    public Fuzz<T> refusing(Class<?>... documented) {
        refusals = List.of(documented);
        return this;
    }

    /** Bytes that are refused as they are, and damaged too. */
    public Fuzz<T> alsoOf(List<byte[]> others) {
        invalid.addAll(others);
        return this;
    }

    /** Bytes that it may allocate: so many for each byte of the input, and so many beside. */
    public Fuzz<T> allocating(long forEachByte, long beside) {
        perByte = forEachByte;
        more = beside;
        return this;
    }

    /** What means something to the decoder of a text. */
    public Fuzz<T> withWords(String... some) {
        Arrays.stream(some).map(word -> word.getBytes(StandardCharsets.UTF_8)).forEach(words::add);
        return this;
    }

    public Fuzz<T> then(Check<T> mustHold) {
        check = mustHold;
        return this;
    }

    /** One of so many decoders that share the inputs among them. */
    public Fuzz<T> share(int ofDecoders) {
        inputs = Math.max(1, INPUTS / ofDecoders);
        return this;
    }

    /** Tries all inputs; fails with what went wrong, each kind of failure once. */
    public void run() throws Exception {
        for (byte[] bytes : valid) {
            check.check(decoder.decode(bytes.clone()));
        }
        List<byte[]> all = new ArrayList<>(valid);
        all.addAll(invalid);
        Mutator mutator = new Mutator(all, words);
        for (long number = FIRST; number < FIRST + inputs && failures.size() < MOST_FAILURES; number++) {
            judge(number, mutator.input(number));
        }
        System.out.printf(
                "%s: %d inputs, %d decoded, %d refused, at most %.0f bytes allocated for one and %d ms%n",
                name, inputs, decoded, refused, mostPerByte, TimeUnit.NANOSECONDS.toMillis(slowestNanos));
        if (!failures.isEmpty()) {
            throw new AssertionError(name + ": " + String.join("\n", failures.values()));
        }
        if (!valid.isEmpty() && (decoded == 0 || refused == 0)) {
            throw new AssertionError(name + ": " + decoded + " decoded, " + refused + " refused; this tests nothing");
        }
    }

    /** What came of one input, and what it cost. */
    private record Tried<T>(T value, Throwable thrown, long bytes, long nanos) {}

    private Tried<T> tried(byte[] input) {
        long nanos = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        T value = null;
        Throwable thrown = null;
        try {
            value = decoder.decode(input.clone());
        } catch (Throwable e) { // that is the question
            thrown = e;
        }
        return new Tried<>(
                value,
                thrown,
                THREADS.getCurrentThreadAllocatedBytes() - bytes,
                THREADS.getCurrentThreadCpuTime() - nanos);
    }

    private void judge(long number, byte[] input) {
        Tried<T> first = tried(input);
        // Classes may be loaded the first time.
        Tried<T> last = first.bytes > more || first.nanos > MOST_NANOS ? tried(input) : first;
        T value = last.value;
        Throwable thrown = last.thrown;
        long bytes = last.bytes;
        long nanos = last.nanos;
        if (thrown != null) {
            refused++;
            judge(number, input, thrown);
        } else {
            decoded++;
            try {
                check.check(value);
            } catch (Throwable e) { // whatever it is
                fail("decoded, but then", number, input, e);
            }
        }
        long beyond = Math.max(0, bytes - more);
        mostPerByte = Math.max(mostPerByte, (double) beyond / Math.max(1, input.length));
        slowestNanos = Math.max(slowestNanos, nanos);
        if (beyond > perByte * input.length) {
            fail(bytes + " bytes allocated for " + input.length, number, input, new AssertionError("memory", thrown));
        }
        if (nanos > MOST_NANOS) {
            fail(TimeUnit.NANOSECONDS.toMillis(nanos) + " ms", number, input, new AssertionError("time", thrown));
        }
    }

    private void judge(long number, byte[] input, Throwable thrown) {
        String message = thrown.getMessage();
        if (refusals.stream().noneMatch(type -> type.isInstance(thrown))) {
            fail("thrown", number, input, thrown);
        } else if (message == null || message.isBlank() || message.lines().count() > 1) {
            fail("not a line", number, input, thrown);
        } else if (message.chars().anyMatch(Character::isISOControl)) {
            fail("not printable", number, input, thrown);
        } else if (message.length() > LONGEST_MESSAGE) {
            fail("a line of " + message.length(), number, input, thrown);
        }
    }

    private void fail(String what, long number, byte[] input, Throwable cause) {
        StackTraceElement[] trace = cause.getStackTrace();
        StringBuilder at = new StringBuilder();
        Arrays.stream(trace).limit(8).forEach(frame -> at.append("\n    at ").append(frame));
        String kind = cause.getClass() + String.valueOf(trace.length == 0 ? "" : trace[0]) + what.split(" ", 2)[0];
        String shown = String.valueOf(cause);
        failures.putIfAbsent(
                cause instanceof AssertionError ? cause.getMessage() + cause.getCause() : kind,
                what + ": " + shown.substring(0, Math.min(shown.length(), SHOWN_BYTES)) + " by input " + number + " of "
                        + input.length + " bytes "
                        + HexFormat.of().formatHex(input, 0, Math.min(input.length, SHOWN_BYTES)) + at);
    }
}
