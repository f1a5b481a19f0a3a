package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.wire.CorruptDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage is told from what a crash leaves. */
class LogFilesTest {
    private static final int HEADER = 8;
    private static final int PADDING = 500;

    @TempDir
    Path directory;

    /** A file of these entries, each as long as its number says, without what Ratis would put in them. */
    private static byte[] file(int... lengths) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (int length : lengths) {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            for (int rest = length; rest != 0; rest >>>= 7) {
                entry.write(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
            }
            byte[] message = new byte[length];
            Arrays.fill(message, (byte) 'x');
            message[0] = 0x08;
            entry.writeBytes(message);
            CRC32C crc = new CRC32C();
            crc.update(entry.toByteArray());
            out.writeBytes(entry.toByteArray());
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .putInt((int) crc.getValue())
                    .array());
        }
        return out.toByteArray();
    }

    private static byte[] padded(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + PADDING);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private void passes() throws IOException {
        LogFiles.check(directory, -1);
    }

    private void refuses(String why) {
        assertThatThrownBy(this::passes)
                .isInstanceOf(CorruptDataException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(why);
    }

    @Test
    void wholeFilesPassAndStayAsTheyAre() throws IOException {
        write("log_0-2", file(10, 200, 30));
        Path open = write("log_inprogress_3", padded(file(10, 20_000)));
        write("log_inprogress_9", new byte[0]); // of a crash before the first byte
        passes();
        assertThat(open).hasBinaryContent(padded(file(10, 20_000)));
    }

    /** Whatever the crash left of the last entry, in a file that ends there or goes on with zeros. */
    @Test
    @DisplayName("Row 29: a torn last entry is dropped, with or without zeros behind it")
    void ofATornEntryTheRestIsDropped() throws IOException {
        byte[] whole = file(10, 300, 150);
        int last = file(10, 300).length;
        for (int cut = last + 1; cut < whole.length - Integer.BYTES; cut++) {
            write("log_inprogress_0", Arrays.copyOf(whole, cut));
            passes(); // Ratis drops it
            byte[] zeros = Arrays.copyOf(Arrays.copyOf(whole, cut), whole.length + PADDING);
            Path file = write("log_inprogress_0", zeros);
            passes();
            assertThat(file).hasSize(last);
        }
        for (int cut = 0; cut < HEADER; cut++) {
            write("log_inprogress_0", padded(Arrays.copyOf(whole, cut)));
            passes();
        }
    }

    @Test
    @DisplayName("Row 28: each flipped bit of a closed log file is refused")
    void eachFlippedBitOfAClosedFileIsRefused() throws IOException {
        byte[] whole = file(10, 300, 20);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            write("log_0-2", flipped);
            refuses("is corrupted at byte");
        }
    }

    /** Also where the last entry only seems to be cut off. */
    @Test
    @DisplayName("Row 28: each flipped bit of an open log file is refused")
    void eachFlippedBitOfAnOpenFileIsRefused() throws IOException {
        byte[] whole = file(10, 300, 20);
        for (byte[] bytes : new byte[][] {whole, padded(whole)}) {
            for (int bit = 0; bit < whole.length * 8; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                write("log_inprogress_0", flipped);
                refuses("is corrupted at byte");
            }
        }
    }

    /** One byte, and Ratis would delete the file. */
    @Test
    void aHeaderThatOnlySeemsUnfinishedIsRefused() throws IOException {
        byte[] bytes = file(10, 20);
        bytes[HEADER - 1] = 0;
        write("log_inprogress_0", bytes);
        refuses("header");
    }

    @Test
    void missingEntriesAreNamed() throws IOException {
        write("log_0-2", file(10, 11, 12));
        write("log_5-5", file(10));
        refuses("the entries from 3 to 4 are missing");
        Files.delete(directory.resolve("log_0-2"));
        refuses("the entries from 0 to 4 are missing");
        LogFiles.check(directory, 4); // a snapshot has them
    }

    @Test
    void aClosedFileThatIsCutOffIsRefused() throws IOException {
        byte[] whole = file(10, 11, 12);
        for (int length = 0; length < whole.length; length++) {
            write("log_0-2", Arrays.copyOf(whole, length));
            refuses("is corrupted at byte");
        }
    }
}
