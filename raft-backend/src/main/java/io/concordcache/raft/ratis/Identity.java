package io.concordcache.raft.ratis;

import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;

/**
 * Which directory this is, among all that the member of this id ever had: a number drawn when it was made. And the
 * numbers of those with which the group was formed, so that one that comes back without its directory is known.
 */
final class Identity {
    private static final String FILE = "concord.member";
    private static final String MEMBER = "member";
    private static final String OWN = "incarnation";
    private static final String OF = "incarnation.of.";

    private final Path file;
    private final Properties content = new Properties();

    private Identity(Path file) {
        this.file = file;
    }

    /**
     * Reads the identity of a directory, or draws one.
     *
     * @throws StartException if the directory is that of another member, which may have voted
     */
    static Identity of(Path directory, String member) {
        Identity identity = new Identity(directory.resolve(FILE));
        try {
            if (Files.exists(identity.file)) {
                try (Reader in = Files.newBufferedReader(identity.file)) {
                    identity.content.load(in);
                }
                identity.incarnation(); // readable?
            } else {
                identity.content.setProperty(OWN, hex(new SecureRandom().nextLong() | 1));
            }
            String known = identity.content.getProperty(MEMBER);
            if (known == null) {
                identity.content.setProperty(MEMBER, member);
                identity.save();
            } else if (!known.equals(member)) {
                throw new StartException("the directory " + directory + " is that of the member '" + known
                        + "', and not of '" + member + "'; give each member its own");
            }
            return identity;
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException(
                    "the file " + identity.file + " cannot be read or written: " + e.getMessage()
                            + "; restore the directory from a backup, or remove it to start empty",
                    e);
        }
    }

    /** Never 0. */
    long incarnation() {
        return HexFormat.fromHexDigitsToLong(content.getProperty(OWN, ""));
    }

    /** The incarnation under which the group was formed with this member, 0 if it was not. */
    synchronized long known(String id) {
        return HexFormat.fromHexDigitsToLong(content.getProperty(OF + id, "0"));
    }

    /** Keeps those with which the group is formed, before it is. */
    synchronized void remember(Map<String, Long> incarnations) throws IOException {
        incarnations.forEach((id, incarnation) -> content.setProperty(OF + id, hex(incarnation)));
        save();
    }

    private static String hex(long number) {
        return HexFormat.of().toHexDigits(number);
    }

    private void save() throws IOException {
        Path temporary = file.resolveSibling(FILE + ".tmp");
        try (Writer out = Files.newBufferedWriter(temporary)) {
            content.store(out, "identity of this member; not to be copied to another");
        }
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
