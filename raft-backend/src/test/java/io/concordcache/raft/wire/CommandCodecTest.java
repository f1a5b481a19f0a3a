package io.concordcache.raft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CommandCodecTest {
    @Provide
    Arbitrary<LogEntry> entries() {
        return Shapes.entries();
    }

    @Provide
    Arbitrary<Command> commands() {
        return Shapes.command();
    }

    @Provide
    Arbitrary<CacheDefinition> definitions() {
        return Shapes.definitions();
    }

    @Property(tries = 1_000)
    void anEntryComesBackAsItWas(@ForAll("entries") LogEntry entry) {
        ByteBuffer bytes = CommandCodec.encode(entry);
        assertThat(CommandCodec.decode(bytes.duplicate())).isEqualTo(entry);
        assertThat(CommandCodec.decode(bytes.asReadOnlyBuffer())).isEqualTo(entry);
    }

    @Property(tries = 200)
    void theLeaderPutsItsTimeInFront(@ForAll("entries") LogEntry entry, @ForAll long millis) {
        ByteBuffer request = CommandCodec.encodeRequest(entry);
        assertThat(CommandCodec.decodeRequest(request.duplicate(), millis)).isEqualTo(entry.at(millis));
        ByteBuffer whole = ByteBuffer.allocate(Long.BYTES + request.remaining())
                .putLong(millis)
                .put(request)
                .flip();
        assertThat(whole).isEqualTo(CommandCodec.encode(entry.at(millis)));
    }

    @Property(tries = 500)
    void aDefinitionComesBackAsItWas(@ForAll("definitions") CacheDefinition definition) {
        ByteWriter out = new ByteWriter(1);
        CommandCodec.writeDefinition(out, definition);
        ByteReader in = new ByteReader(ByteBuffer.wrap(out.array(), 0, out.length()));
        assertThat(CommandCodec.readDefinition(in)).isEqualTo(definition);
        in.expectEnd();
    }

    @Property(tries = 1_000)
    void noCommandIsLargerThanItsBound(@ForAll("commands") Command command) {
        ByteWriter out = new ByteWriter(1);
        CommandCodec.writeCommand(out, command);
        assertThat((long) out.length()).isLessThanOrEqualTo(CommandCodec.sizeBound(command));
    }

    @Property(tries = 500)
    void noEntryIsLargerThanItsCommandsAndTheOverhead(@ForAll("entries") LogEntry entry) {
        long bound = CommandCodec.OVERHEAD
                + entry.commands().stream().mapToLong(CommandCodec::sizeBound).sum();
        assertThat((long) CommandCodec.encode(entry).remaining()).isLessThanOrEqualTo(bound);
    }

    /** A new command cannot be forgotten here: the round trips above draw from these. */
    @Test
    void everyShapeHasAnArbitraryThatMakesIt() {
        covers(Command.class, Shapes.commands());
        covers(Condition.class, Shapes.conditions());
        covers(Mutation.class, Shapes.mutations());
    }

    private static <T> void covers(Class<T> sealed, Map<Class<?>, Arbitrary<? extends T>> byType) {
        assertThat(byType.keySet()).containsExactlyInAnyOrder(sealed.getPermittedSubclasses());
        byType.forEach((type, arbitrary) -> assertThat(arbitrary.sample()).isInstanceOf(type));
    }

    /** A new command must be written by the codec, not only be drawn. */
    @Test
    void everyCommandHasACodec() {
        for (Arbitrary<? extends Command> ofType : Shapes.commands().values()) {
            LogEntry entry = entryOf(ofType.sample());
            assertThat(CommandCodec.decode(CommandCodec.encode(entry))).isEqualTo(entry);
        }
    }

    @Test
    void theLongestTimesToLiveComeBack() {
        for (long millis = Expiry.NEVER - 5; millis > 0; millis++) {
            LogEntry entry =
                    entryOf(new Command.Write(1, Bytes.EMPTY, Condition.ANY, new Mutation.Touch(Expiry.after(millis))));
            assertThat(CommandCodec.decode(CommandCodec.encode(entry))).isEqualTo(entry);
        }
    }

    private static LogEntry entryOf(Command command) {
        return command instanceof Command.Register
                ? LogEntry.registration(1)
                : new LogEntry(1, new ClientId(1, 2), 1, 0, List.of(command));
    }

    @Property(tries = 20_000)
    void randomBytesAreReadOrRefused(@ForAll("hostile") byte[] bytes) {
        readOrRefuse(bytes);
    }

    @Provide
    Arbitrary<byte[]> hostile() {
        // A right version byte and a small count let the bytes reach the commands.
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(0)
                .ofMaxSize(80)
                .map(bytes -> {
                    if (bytes.length > 28 && bytes[8] % 4 != 0) {
                        bytes[8] = CommandCodec.VERSION;
                        bytes[25] = 1;
                        bytes[26] = 0;
                        bytes[27] = 1;
                        bytes[28] &= 0x0f;
                    }
                    return bytes;
                });
    }

    @Property(tries = 150)
    void everyFlippedBitAndEveryCutIsReadOrRefused(@ForAll("entries") LogEntry entry) {
        byte[] good = array(CommandCodec.encode(entry));
        for (int bit = 0; bit < good.length * 8; bit++) {
            good[bit / 8] ^= (byte) (1 << bit % 8);
            readOrRefuse(good);
            good[bit / 8] ^= (byte) (1 << bit % 8);
        }
        for (int length = 0; length < good.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(cut)))
                    .isInstanceOf(CorruptDataException.class);
        }
    }

    /** What is read must also be writable and mean the same. */
    private static void readOrRefuse(byte[] bytes) {
        LogEntry entry;
        try {
            entry = CommandCodec.decode(ByteBuffer.wrap(bytes));
        } catch (CorruptDataException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        assertThat(CommandCodec.decode(CommandCodec.encode(entry))).isEqualTo(entry);
    }

    @Test
    void aDeclaredLengthAllocatesNothing() {
        byte[] good =
                array(CommandCodec.encode(entryOf(new Command.UnlockKey(1, Bytes.wrap(new byte[] {1, 2, 3}), 5))));
        int keyLength = 8 + 1 + 16 + 3 + 1 + 8;
        assertThat(good[keyLength]).isEqualTo((byte) 3);
        byte[] huge = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        byte[] bad = ByteBuffer.allocate(good.length + 4)
                .put(good, 0, keyLength)
                .put(huge)
                .put(good, keyLength + 1, good.length - keyLength - 1)
                .array();
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(bad)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("2147483647");
    }

    @Test
    void anotherVersionAndAnUnknownTagAreNamed() {
        byte[] bytes = array(CommandCodec.encode(entryOf(new Command.Tick())));
        bytes[8] = 2;
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(bytes)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("version 2");
        bytes[8] = 1;
        bytes[bytes.length - 1] = 77;
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(bytes)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("command tag 77");
    }

    @Test
    void aRegistrationAmongOtherCommandsIsRefused() {
        byte[] bytes = array(CommandCodec.encode(LogEntry.registration(1)));
        bytes[bytes.length - 1] = (byte) 5; // a tick
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(bytes)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("registers before all else");
        byte[] ofASession = array(CommandCodec.encode(entryOf(new Command.Tick())));
        ofASession[ofASession.length - 1] = (byte) 9; // a registration
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(ofASession)))
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining("registers before all else");
    }

    @Test
    void bytesAfterTheEndAreRefused() {
        byte[] bytes = array(CommandCodec.encode(entryOf(new Command.Tick())));
        assertThatThrownBy(() -> CommandCodec.decode(ByteBuffer.wrap(java.util.Arrays.copyOf(bytes, bytes.length + 1))))
                .isInstanceOf(CorruptDataException.class);
    }

    static byte[] array(ByteBuffer buffer) {
        byte[] array = new byte[buffer.remaining()];
        buffer.duplicate().get(array);
        return array;
    }
}
