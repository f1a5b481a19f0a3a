package io.concordcache.raft.access;

import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A bearer token as a member knows it: the SHA-256 of its text. Tokens are drawn at random and long, so nothing is gained by
 * salt or a slow hash.
 */
public final class Token {
    /** A shorter text could be guessed. */
    static final int MIN_LENGTH = 16;

    private static final int HASH_BYTES = 32;

    private final byte[] hash;

    private Token(byte[] hash) {
        this.hash = hash;
    }

    /** The token of this text. */
    public static Token of(String text) {
        try {
            return new Token(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }

    /** @throws IllegalArgumentException if these are not 64 hexadecimal digits */
    static Token ofHash(String hex) {
        byte[] hash;
        try {
            hash = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is no SHA-256, which has 64 hexadecimal digits", e);
        }
        if (hash.length != HASH_BYTES) {
            throw new IllegalArgumentException("is no SHA-256, which has 64 hexadecimal digits");
        }
        return new Token(hash);
    }

    /**
     * Reads the text of a client's token: the first line of a file.
     *
     * @throws StartException if there is none, or it is too short
     */
    public static Secret read(Path file) {
        try {
            return check(
                    new Secret(Files.readString(file)
                            .lines()
                            .findFirst()
                            .orElse("")
                            .strip()),
                    "the file " + file);
        } catch (IOException e) {
            throw new StartException("the token cannot be read: " + e, e);
        }
    }

    /**
     * Returns the text of a client's token if it may be one.
     *
     * @param where it stands, for the message
     * @throws StartException if it is too short, or is not of visible ASCII
     */
    public static Secret check(Secret text, String where) {
        if (text.value().length() < MIN_LENGTH || !text.value().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new StartException(where + " holds no token: at least " + MIN_LENGTH
                    + " letters, digits and signs without blanks, for example what 'openssl rand -hex 32' prints");
        }
        return text;
    }

    /** Whether it is the same; takes as long wherever they differ. */
    boolean is(Token other) {
        return MessageDigest.isEqual(hash, other.hash);
    }

    @Override
    public String toString() {
        return "********";
    }
}
