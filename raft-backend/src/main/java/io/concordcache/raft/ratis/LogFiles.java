package io.concordcache.raft.ratis;

import io.concordcache.raft.wire.CorruptDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the files of a log before Ratis does. Ratis 3.3.0 ({@code SegmentedRaftLogReader}, {@code LogSegment}) takes an
 * entry that seems longer than the file for one that a crash cut off, whatever follows it, and deletes a file whose header
 * seems unfinished: so one damaged byte could take acknowledged entries away without a word. On the other hand it refuses a
 * last entry of which a crash left the beginning and zeros, since files are made longer in advance.
 *
 * <p>A file is 8 bytes of header, entries, and perhaps zeros. An entry is its length (a varint), as many bytes of a message,
 * and 4 bytes CRC-32C of both.
 */
final class LogFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);
    private static final Pattern NAME = Pattern.compile("log_(?:(\\d+)-(\\d+)|inprogress_(\\d+))");
    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    /** What each message begins with: the tag of its first field, the term. */
    private static final byte FIRST_TAG = 0x08;

    private static final int LONGEST_LENGTH = 5;

    private LogFiles() {}

    /** Entries of the log from the first to the last, of which nothing is known while the file is open. */
    private record Segment(Path path, long first, long last) {
        boolean isOpen() {
            return last == Long.MAX_VALUE;
        }
    }

    /**
     * Checks all files, and drops the last entry if a crash left only its beginning.
     *
     * @param snapshotIndex up to where a snapshot goes, -1 for none
     * @return index of the last entry, -1 if there is none
     * @throws CorruptDataException if an entry is damaged or missing
     */
    static long check(Path current, long snapshotIndex) throws IOException {
        long last = -1;
        long next = snapshotIndex + 1;
        boolean isFirst = true;
        for (Segment segment : segments(current)) {
            if (isFirst ? segment.first > next : segment.first != next) {
                throw new CorruptDataException("the log in " + current + " is corrupted: the entries from " + next
                        + " to " + (segment.first - 1) + " are missing");
            }
            isFirst = false;
            next = segment.last + 1;
            last = check(segment, Files.readAllBytes(segment.path));
        }
        return last;
    }

    /** The index of the first entry that the log has, or that one without entries would have after a snapshot. */
    static long first(Path current, long snapshotIndex) throws IOException {
        List<Segment> segments = segments(current);
        return segments.isEmpty() ? snapshotIndex + 1 : segments.get(0).first;
    }

    /** Removes a log of which a snapshot has all. */
    static void delete(Path current) throws IOException {
        for (Segment segment : segments(current)) {
            Files.delete(segment.path);
        }
    }

    private static List<Segment> segments(Path current) throws IOException {
        List<Segment> segments = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(current, "log_*")) {
            for (Path file : files) {
                Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
                // Ratis removes an open one without content, as a crash may leave it.
                if (name.matches() && (name.group(1) != null || Files.size(file) > 0)) {
                    segments.add(
                            name.group(1) == null
                                    ? new Segment(file, Long.parseLong(name.group(3)), Long.MAX_VALUE)
                                    : new Segment(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))));
                }
            }
        }
        segments.sort(Comparator.comparingLong(Segment::first));
        return segments;
    }

    /** Returns the index of the last entry. */
    private static long check(Segment segment, byte[] bytes) throws IOException {
        int header = Arrays.mismatch(HEADER, Arrays.copyOf(bytes, Math.min(bytes.length, HEADER.length)));
        if (header >= 0) {
            if (!segment.isOpen() || withoutZeros(bytes) > header) {
                throw corrupt(segment, 0, "its header is damaged");
            }
            return segment.first - 1;
        }
        int at = HEADER.length;
        long index = segment.first;
        while (index <= segment.last && at < bytes.length && bytes[at] != 0) {
            int end = end(bytes, at);
            if (end < 0 || !isWhole(bytes, at, end)) {
                broken(segment, bytes, at, end, index);
                return index - 1;
            }
            at = end;
            index++;
        }
        if (!segment.isOpen() && index <= segment.last) {
            throw corrupt(segment, at, "it ends before entry " + index + ", but should go on to " + segment.last);
        }
        if (segment.isOpen() && withoutZeros(bytes) > at) {
            throw corrupt(segment, at, "something follows the end of the entries, which is before entry " + index);
        }
        return index - 1;
    }

    private static void broken(Segment segment, byte[] bytes, int at, int end, long index) throws IOException {
        if (!segment.isOpen() || hasEntry(bytes, at + 1) || isWholeButForItsLength(bytes, at)) {
            throw corrupt(segment, at, "entry " + index + " is damaged");
        }
        if (end < 0) {
            return; // cut off at the end of the file: Ratis drops it and says so
        }
        if (withoutZeros(bytes) > end - Integer.BYTES) {
            throw corrupt(segment, at, "entry " + index + " is damaged");
        }
        LOG.warn(
                "{} ends with the beginning of entry {}, as a crash leaves it; this entry is dropped, it was not stable yet",
                segment.path,
                index);
        try (FileChannel file = FileChannel.open(segment.path, StandardOpenOption.WRITE)) {
            file.truncate(at);
            file.force(true);
        }
    }

    /** Where the entry ends that begins there, -1 if not within the file. */
    private static int end(byte[] bytes, int at) {
        long length = 0;
        for (int i = 0; i < LONGEST_LENGTH && at + i < bytes.length; i++) {
            length |= (bytes[at + i] & 0x7fL) << (7 * i);
            if (bytes[at + i] >= 0) {
                long end = at + i + 1 + length + Integer.BYTES;
                return end > bytes.length ? -1 : (int) end;
            }
        }
        return -1;
    }

    private static boolean isWhole(byte[] bytes, int at, int end) {
        int checked = end - Integer.BYTES;
        CRC32C crc = new CRC32C();
        crc.update(bytes, at, checked - at);
        return (int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(checked);
    }

    /** Whether an entry begins anywhere from there on, so that what is before was not the last. */
    private static boolean hasEntry(byte[] bytes, int from) {
        for (int at = from; at < bytes.length; at++) {
            int end = bytes[at] == 0 ? -1 : end(bytes, at);
            int message = at + 1;
            while (message < bytes.length && bytes[message - 1] < 0) {
                message++;
            }
            if (end > message + Integer.BYTES && bytes[message] == FIRST_TAG && isWhole(bytes, at, end)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the last entry is all there, and only says that it is longer: a crash does not leave this. */
    private static boolean isWholeButForItsLength(byte[] bytes, int at) {
        int written = withoutZeros(bytes);
        int last = Math.min(written + Integer.BYTES, bytes.length); // the checksum may end with zeros
        for (int end = Math.max(written, at + Integer.BYTES + 2); end <= last; end++) {
            for (int lengthBytes = 1; lengthBytes <= LONGEST_LENGTH; lengthBytes++) {
                int message = end - Integer.BYTES - at - lengthBytes;
                byte[] length = varint(message);
                if (message > 0 && length.length == lengthBytes) {
                    CRC32C crc = new CRC32C();
                    crc.update(length);
                    crc.update(bytes, at + lengthBytes, message);
                    if ((int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(end - Integer.BYTES)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static byte[] varint(int number) {
        byte[] bytes = new byte[LONGEST_LENGTH];
        int length = 0;
        int rest = number;
        while ((rest & ~0x7f) != 0) {
            bytes[length++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return Arrays.copyOf(bytes, length);
    }

    private static int withoutZeros(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return length;
    }

    private static CorruptDataException corrupt(Segment segment, int at, String why) {
        return new CorruptDataException("the log file " + segment.path + " is corrupted at byte " + at + ": " + why);
    }
}
