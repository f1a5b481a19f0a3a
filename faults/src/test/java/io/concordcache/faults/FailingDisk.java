package io.concordcache.faults;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;

/**
 * Lets writes of one process to its directory fail, as a bad disk does: a library that is loaded before all others reads with
 * each write from a file what is to happen.
 *
 * @param control that file
 */
record FailingDisk(Path control) {
    private static final int BYTES = 3 * Integer.BYTES;

    /** With their numbers on Linux. */
    enum Error {
        EIO(5),
        ENOSPC(28);

        private final int number;

        Error(int number) {
            this.number = number;
        }
    }

    /** Compiles the library. */
    static Path library(Path directory) throws IOException {
        Path library = directory.resolve("disk.so");
        Path source = resource("disk.c", directory);
        Commands.run("gcc", "-shared", "-fPIC", "-O2", "-o", library.toString(), source.toString());
        return library;
    }

    static Path resource(String name, Path directory) throws IOException {
        Path copy = directory.resolve(name);
        try (InputStream in = Objects.requireNonNull(FailingDisk.class.getResourceAsStream(name))) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        return copy;
    }

    /** What a process must find in its environment, for this is its disk. */
    Map<String, String> environment(Path library, Path data) {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAULTS_DISK_CONTROL",
                control.toString(),
                "FAULTS_DISK_DIRECTORY",
                data.toString());
    }

    /** From now on so many of thousand writes fail, and of what forces them to the disk, unless there is no space. */
    void fail(Error error, int ofThousand) throws IOException {
        set(error.number, ofThousand);
    }

    /** All is well from now on; says how many calls have failed since {@link #fail}. */
    int heal() throws IOException {
        int failed = Files.exists(control)
                ? ByteBuffer.wrap(Files.readAllBytes(control))
                        .order(ByteOrder.nativeOrder())
                        .getInt(2 * Integer.BYTES)
                : 0;
        set(0, 0);
        return failed;
    }

    /** In place, for processes have the file in their memory. */
    private void set(int error, int ofThousand) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        bytes.putInt(error).putInt(ofThousand).putInt(0).flip();
        try (var channel = FileChannel.open(control, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
