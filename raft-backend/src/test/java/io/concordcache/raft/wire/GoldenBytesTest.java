package io.concordcache.raft.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes that were written once and must stay readable. The files are only added to: a line that has to change is a
 * change of the format, which needs a new version.
 */
class GoldenBytesTest {
    private static String resource(String name) throws IOException {
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static List<LogEntry> goldenEntries() throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        for (String line : resource("log-entries.txt").lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            byte[] bytes = HexFormat.of().parseHex(line.substring(line.indexOf(": ") + 2));
            LogEntry entry = CommandCodec.decode(ByteBuffer.wrap(bytes));
            assertThat(CommandCodecTest.array(CommandCodec.encode(entry)))
                    .as(line)
                    .isEqualTo(bytes);
            assertThat(entry.toString()).as(line).isNotEmpty();
            entries.add(entry);
        }
        return entries;
    }

    @Test
    void oldLogEntriesAreReadAndWrittenAsEver() throws IOException {
        Set<Class<?>> met = new HashSet<>();
        for (LogEntry entry : goldenEntries()) {
            for (Command command : entry.commands()) {
                met.add(command.getClass());
                List<Command.Write> writes = command instanceof Command.Batch batch
                        ? batch.writes()
                        : command instanceof Command.Write write ? List.of(write) : List.of();
                for (Command.Write write : writes) {
                    met.add(write.when().getClass());
                    met.add(write.then().getClass());
                }
            }
        }
        for (Class<?> sealed : List.of(Command.class, Condition.class, Mutation.class)) {
            assertThat(met).as("a golden line for each").contains(sealed.getPermittedSubclasses());
        }
    }

    /** The bytes mean what they meant: the first lines spelled out. */
    @Test
    void oldLogEntriesMeanWhatTheyMeant() throws IOException {
        assertThat(goldenEntries()).startsWith(GoldenSamples.ENTRIES.toArray(new LogEntry[0]));
    }

    @Test
    void anOldSnapshotIsReadAndWrittenAsEver(@TempDir Path directory) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(resource("snapshot-1.hex").strip());
        CacheMachine read = SnapshotCodec.read(Files.write(directory.resolve("snapshot-1.bin"), bytes), "cluster");
        assertThat(SnapshotCodecTest.write(read)).isEqualTo(bytes);
        assertThat(SnapshotCodecTest.write(SnapshotCodecTest.sample())).isEqualTo(bytes);
    }
}
