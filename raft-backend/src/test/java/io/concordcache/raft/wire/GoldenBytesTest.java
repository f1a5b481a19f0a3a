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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes that were written once and must stay readable. The files are only added to: a line that has to change is a
 * change of the format, which needs a new version.
 */
class GoldenBytesTest {
    private static final String PREVIOUS = "0.1.0";
    private static final int KINDS_OF_MESSAGES = 27; // 15 requests, 12 responses

    private static String resource(String name) throws IOException {
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static List<LogEntry> goldenEntries() throws IOException {
        return entries(resource("log-entries.txt").lines().toList());
    }

    private static List<LogEntry> entries(List<String> lines) {
        List<LogEntry> entries = new ArrayList<>();
        for (String line : lines) {
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

    /**
     * A member stops at an entry that it cannot read. While members of the previous release may be there, nobody may write what
     * they do not know; see docs/upgrades.md.
     */
    @Test
    void noCommandIsNewToThePreviousRelease() throws IOException {
        List<String> lines = resource("log-entries.txt").lines().toList();
        int end = lines.indexOf("# So far " + PREVIOUS + " reads, too.");
        Set<Class<?>> known = new HashSet<>();
        entries(lines.subList(0, end))
                .forEach(entry -> entry.commands().forEach(command -> known.add(command.getClass())));
        assertThat(known).containsExactlyInAnyOrder(Command.class.getPermittedSubclasses());
    }

    /** Also the other way about: what is sent now is what was sent, so that an old member or client reads it. */
    @Test
    void oldMessagesAreReadAndWrittenAsEver() throws IOException {
        Set<Object> samples =
                Stream.concat(RpcCodecTest.requests(), RpcCodecTest.responses()).collect(Collectors.toSet());
        Set<Object> met = new HashSet<>();
        for (String line : resource("messages.txt").lines().toList()) {
            if (line.startsWith("#")) {
                continue;
            }
            byte[] bytes = HexFormat.of().parseHex(line.substring(line.indexOf(": ") + 2));
            if (line.startsWith("request ")) {
                RpcCodec.Addressed read = RpcCodec.decodeRequest(ByteBuffer.wrap(bytes));
                assertThat(CommandCodecTest.array(RpcCodec.encode(read.cluster(), read.request())))
                        .as(line)
                        .isEqualTo(bytes);
                met.add(read.request());
            } else {
                Response read = RpcCodec.decodeResponse(ByteBuffer.wrap(bytes));
                assertThat(CommandCodecTest.array(RpcCodec.encode(read)))
                        .as(line)
                        .isEqualTo(bytes);
                met.add(read);
            }
        }
        assertThat(samples).as("meant the same").containsAll(met);
        assertThat(met.stream().map(Object::getClass).collect(Collectors.toSet()))
                .as("a golden line for each that 0.1.0 knew")
                .hasSize(KINDS_OF_MESSAGES);
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
