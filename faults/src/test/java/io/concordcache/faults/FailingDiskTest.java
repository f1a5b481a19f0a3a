package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingDiskTest {
    private static final int ALWAYS = 1_000;

    @TempDir
    private Path directory;

    private Path library;
    private Path data;
    private FailingDisk disk;

    @BeforeEach
    void compile() throws Exception {
        library = FailingDisk.library(directory);
        data = Files.createDirectories(directory.resolve("data"));
        disk = new FailingDisk(directory.resolve("control"));
        disk.heal();
    }

    private String write(Path file) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("dd", "if=/dev/zero", "of=" + file, "count=1", "conv=fsync")
                .redirectErrorStream(true);
        builder.environment().putAll(disk.environment(library, data));
        builder.environment().put("LC_ALL", "C");
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void writesFailUntilItIsWell() throws Exception {
        disk.fail(FailingDisk.Error.EIO, ALWAYS);
        assertThat(write(data.resolve("log"))).contains("Input/output error");
        assertThat(disk.heal()).isPositive();
        assertThat(write(data.resolve("log"))).contains("1+0 records out").doesNotContain("error");
        assertThat(disk.heal()).isZero();
    }

    @Test
    void thatThereIsNoSpaceIsSaidByWrites() throws Exception {
        disk.fail(FailingDisk.Error.ENOSPC, ALWAYS);
        assertThat(write(data.resolve("log"))).contains("No space left on device");
    }

    @Test
    void otherDirectoriesAreWell() throws Exception {
        disk.fail(FailingDisk.Error.EIO, ALWAYS);
        Path beside = Files.createDirectories(directory.resolve("data-of-another"));
        assertThat(write(beside.resolve("log"))).contains("1+0 records out").doesNotContain("error");
        assertThat(disk.heal()).isZero();
    }
}
