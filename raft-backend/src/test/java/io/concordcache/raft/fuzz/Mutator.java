package io.concordcache.raft.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages valid bytes: flips, cuts, insertions, repetitions, splices, and lengths and numbers set to extremes. */
final class Mutator {
    /** Longer inputs are cut to this, so that many can be tried. */
    private static final int MAX_BYTES = 256 << 10;

    private static final int MAX_NOISE = 64;
    private static final int MAX_DAMAGES = 4;
    private static final byte[] BYTES = {0, 1, 2, 0x7f, (byte) 0x80, (byte) 0xff};
    private static final long[] NUMBERS = {
        0,
        1,
        0x7f,
        0x80,
        0x3fff,
        0xffff,
        1 << 20,
        1 << 24,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        Long.MAX_VALUE,
        -1,
        Long.MIN_VALUE,
        0xffff_fff0L
    };

    private final List<byte[]> valid;
    private final List<byte[]> words;

    /** @param words that mean something to the decoder, such as signs of a grammar; may be empty */
    Mutator(List<byte[]> valid, List<byte[]> words) {
        this.valid = valid;
        this.words = words;
    }

    /** The same input for the same number. */
    byte[] input(long number) {
        Random random = new Random(number * 0x9E37_79B9_7F4A_7C15L);
        if (random.nextInt(16) == 0) {
            return noise(random, random.nextInt(MAX_NOISE));
        }
        byte[] bytes = any(random).clone();
        for (int left = 1 + random.nextInt(MAX_DAMAGES); left > 0; left--) {
            bytes = damaged(bytes, random);
        }
        return bytes.length > MAX_BYTES ? Arrays.copyOf(bytes, MAX_BYTES) : bytes;
    }

    private byte[] any(Random random) {
        return valid.get(random.nextInt(valid.size()));
    }

    private static byte[] noise(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] damaged(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : 64));
        return switch (random.nextInt(words.isEmpty() ? 10 : 12)) {
            case 0, 1 -> flipped(bytes, random);
            case 2 -> replaced(bytes, at, Math.min(bytes.length, at + 1), BYTES[random.nextInt(BYTES.length)]);
            case 3 -> Arrays.copyOf(bytes, at);
            case 4 -> replaced(bytes, at, to);
            case 5 -> replaced(bytes, at, at, noise(random, 1 + random.nextInt(8)));
            case 6 -> repeated(bytes, at, to, random);
            case 7 -> spliced(bytes, at, any(random), random);
            case 8 -> number(bytes, at, random, random.nextBoolean());
            case 9 -> number(bytes, at, random, true);
            default -> replaced(bytes, at, random.nextBoolean() ? at : to, words.get(random.nextInt(words.size())));
        };
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        if (bytes.length > 0) {
            int bit = random.nextInt(bytes.length * 8);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
        return bytes;
    }

    /** What stood from here to there gives way. */
    private static byte[] replaced(byte[] bytes, int from, int to, byte... by) {
        byte[] result = new byte[bytes.length - (to - from) + by.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(by, 0, result, from, by.length);
        System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
        return result;
    }

    private static byte[] repeated(byte[] bytes, int from, int to, Random random) {
        int most = random.nextInt(50) == 0 ? 20_000 : 6;
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int left = 1 + random.nextInt(most); left > 0 && many.size() < MAX_BYTES; left--) {
            many.write(bytes, from, to - from);
        }
        return replaced(bytes, from, from, many.toByteArray());
    }

    private static byte[] spliced(byte[] bytes, int at, byte[] other, Random random) {
        int from = random.nextInt(other.length + 1);
        return replaced(bytes, at, bytes.length, Arrays.copyOfRange(other, from, other.length));
    }

    /** A number as it is written in one of the usual ways, in place of as many bytes or before them. */
    private static byte[] number(byte[] bytes, int at, Random random, boolean inPlace) {
        long number = random.nextInt(4) == 0
                ? bytes.length - at + random.nextInt(5) - 2
                : NUMBERS[random.nextInt(NUMBERS.length)];
        byte[] written = switch (random.nextInt(4)) {
            case 0 -> ByteBuffer.allocate(Short.BYTES).putShort((short) number).array();
            case 1 -> ByteBuffer.allocate(Integer.BYTES).putInt((int) number).array();
            case 2 -> ByteBuffer.allocate(Long.BYTES).putLong(number).array();
            default -> varint(number);
        };
        return replaced(bytes, at, inPlace ? Math.min(bytes.length, at + written.length) : at, written);
    }

    private static byte[] varint(long number) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }
}
