package io.concordcache.raft.access;

import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@link Grants}. A line grants roles for caches, or names the hash of a token; what follows a # at its beginning is a
 * comment:
 *
 * <pre>
 * certificate  app.example   read,write   orders-*
 * token        nightly-job   read         *
 * sha256       nightly-job   5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
 * </pre>
 */
final class AccessFile {
    private static final String FORMS = "write 'certificate NAME ROLES CACHES', 'token NAME ROLES CACHES' or"
            + " 'sha256 NAME HASH', where ROLES are some of read,write,admin and CACHES is a name, with * for any"
            + " characters";

    private final Map<String, List<Grants.Grant>> certificates = new HashMap<>();
    private final Map<String, Token> tokens = new HashMap<>();
    private final Map<String, List<Grants.Grant>> toTokens = new HashMap<>();

    private AccessFile() {}

    /** @throws StartException that names file, line and what is wrong */
    static Grants read(Path file) {
        try {
            return parse(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new StartException("access.file cannot be read: " + e, e);
        }
    }

    /** As {@link #read}, of a file with this content. */
    static Grants parse(Path file, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new StartException(file + " is no text in UTF-8", e);
        }
        AccessFile content = new AccessFile();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            try {
                content.line(line.strip());
            } catch (IllegalArgumentException e) {
                throw new StartException(file + ":" + number + " " + e.getMessage() + "; " + FORMS, e);
            }
        }
        for (String holder : content.toTokens.keySet()) {
            if (!content.tokens.containsKey(holder)) {
                String shown = Escaped.of(holder);
                throw new StartException(file + " grants something to the token " + shown + ", but has no line 'sha256 "
                        + shown + " HASH'");
            }
        }
        return new Grants(content.certificates, content.tokens, content.toTokens);
    }

    private void line(String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        String[] words = line.split("\\s+", 4);
        switch (words[0]) {
            case "certificate" -> grant(certificates, words, words.length < 2 ? "" : words[1].toLowerCase(Locale.ROOT));
            case "token" -> grant(toTokens, words, words.length < 2 ? "" : words[1]);
            case "sha256" -> {
                if (words.length != 3) {
                    throw new IllegalArgumentException("is no name with a hash");
                }
                Token token = Token.ofHash(words[2]);
                if (tokens.containsKey(words[1])) {
                    throw new IllegalArgumentException(
                            "names the token " + Escaped.of(words[1]) + " for the second time");
                }
                if (tokens.values().stream().anyMatch(token::is)) {
                    throw new IllegalArgumentException("has the hash of a token that a line before has");
                }
                tokens.put(words[1], token);
            }
            default -> throw new IllegalArgumentException("begins with '" + Escaped.of(words[0]) + "'");
        }
    }

    /** The pattern is the rest of the line: names of caches may have blanks. */
    private static void grant(Map<String, List<Grants.Grant>> to, String[] words, String name) {
        if (words.length != 4) {
            throw new IllegalArgumentException("is incomplete");
        }
        to.computeIfAbsent(name, unknown -> new ArrayList<>()).add(new Grants.Grant(roles(words[2]), words[3]));
    }

    private static Set<Role> roles(String list) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : list.split(",", -1)) {
            roles.add(
                    switch (word) {
                        case "read" -> Role.READ;
                        case "write" -> Role.WRITE;
                        case "admin" -> Role.ADMIN;
                        default -> throw new IllegalArgumentException("has the role '" + Escaped.of(word) + "'");
                    });
        }
        return roles;
    }
}
