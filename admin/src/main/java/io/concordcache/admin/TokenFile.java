package io.concordcache.admin;

import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens from a file: on each line a name, a role and the SHA-256 of the token in hex; empty lines and those that begin with
 * {@code #} do not count. The file is looked at once a second when somebody calls: a new one is used from then on, a broken one
 * is refused with a warning, and what was read before stays in use. Thread-safe.
 */
public final class TokenFile implements Access {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Pattern LINE =
            Pattern.compile("(?<name>[A-Za-z0-9._@-]{1,64})\\s+(?<role>\\S+)\\s+(?<hash>[0-9a-fA-F]{64})");

    private record Token(Caller caller, String hash) {}

    private final Path file;
    private volatile List<Token> tokens;
    private Object seen;
    private long lookedAt = System.nanoTime();

    private TokenFile(Path file) {
        this.file = file;
        seen = stamp();
        try {
            tokens = read();
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException("the tokens cannot be used: " + message(e), e);
        }
    }

    /**
     * Reads the file.
     *
     * @throws StartException if it is missing or not as it should be; the message says which line, and what to do
     */
    public static TokenFile open(Path file) {
        return new TokenFile(file);
    }

    private Object stamp() {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(is.lastModifiedTime(), is.size(), String.valueOf(is.fileKey()));
        } catch (IOException e) {
            return "gone";
        }
    }

    private synchronized void look() {
        long now = System.nanoTime();
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        Object stamp = stamp();
        if (stamp.equals(seen)) {
            return;
        }
        seen = stamp;
        try {
            tokens = read();
            LOG.info("the tokens in {} are used as they are now", file);
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("the new tokens are refused, and those read before stay in use: {}", message(e));
        }
    }

    private String message(Exception e) {
        return e instanceof IllegalArgumentException
                ? String.valueOf(e.getMessage())
                : "the file " + file.toAbsolutePath() + " cannot be read: " + e;
    }

    private List<Token> read() throws IOException {
        List<Token> found = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher parts = LINE.matcher(line.strip());
            if (!parts.matches()) {
                throw bad(number, "must be a name, a role and the SHA-256 of the token in hex, with blanks between");
            }
            String hash = parts.group("hash").toLowerCase(Locale.ROOT);
            if (!names.add(parts.group("name")) || !hashes.add(hash)) {
                throw bad(number, "has a name, or a token, that stands on a line before it");
            }
            found.add(new Token(new Caller(parts.group("name"), role(number, parts.group("role"))), hash));
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the file " + file.toAbsolutePath() + " holds no token");
        }
        return found;
    }

    private Role role(int number, String text) {
        for (Role role : Role.values()) {
            if (role.toString().equals(text)) {
                return role;
            }
        }
        throw bad(number, "names the role '" + text + "'; it must be read, write or admin");
    }

    private IllegalArgumentException bad(int number, String what) {
        return new IllegalArgumentException("line " + number + " of " + file.toAbsolutePath() + " " + what);
    }

    @Override
    public boolean needsToken() {
        return true;
    }

    @Override
    public @Nullable Caller caller(@Nullable String token) {
        look();
        if (token == null) {
            return null;
        }
        byte[] hash = hash(token).getBytes(StandardCharsets.US_ASCII);
        Caller found = null;
        for (Token each : tokens) { // all of them, so that the time tells nothing
            if (MessageDigest.isEqual(hash, each.hash.getBytes(StandardCharsets.US_ASCII))) {
                found = each.caller;
            }
        }
        return found;
    }

    /** As the file has it: SHA-256 of the UTF-8 of a token, in hex. */
    static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
