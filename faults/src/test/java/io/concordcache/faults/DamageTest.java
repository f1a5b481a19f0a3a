package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageTest {
    @TempDir
    private Path data;

    private Path log(String name, int written, int zeros) throws Exception {
        byte[] bytes = new byte[written + zeros];
        Arrays.fill(bytes, 0, written, (byte) 7);
        Path current = Files.createDirectories(data.resolve("group").resolve("current"));
        return Files.write(current.resolve(name), bytes);
    }

    @Test
    void tearsTheEndOfWhatIsWrittenInTheNewestLog() throws Exception {
        Path old = log("log_0-99", 500, 0);
        Path newest = log("log_inprogress_100", 1_000, 5_000);
        assertThat(Damage.tear(data, 0.5)).contains("log_inprogress_100 cut from 1000 to 899");
        assertThat(Files.size(newest)).isEqualTo(899);
        assertThat(Files.size(old)).isEqualTo(500);
    }

    @Test
    void flipsOneBitOfWhatIsWritten() throws Exception {
        byte[] before = Files.readAllBytes(log("log_inprogress_100", 1_000, 5_000));
        Damage.flipLog(data, 0.25);
        byte[] after = Files.readAllBytes(data.resolve("group/current/log_inprogress_100"));
        assertThat(Arrays.mismatch(before, after)).isEqualTo(749);
        assertThat(Integer.bitCount(before[749] ^ after[749])).isEqualTo(1);
        assertThat(Arrays.mismatch(Arrays.copyOfRange(before, 750, 6_000), Arrays.copyOfRange(after, 750, 6_000)))
                .isEqualTo(-1);
    }

    @Test
    void damagesTheNewestSnapshotAndNotItsDigest() throws Exception {
        log("snapshot.1_100", 100, 0);
        log("snapshot.2_90", 100, 0);
        log("snapshot.1_100.md5", 100, 0);
        assertThat(Damage.flipSnapshot(data, 0)).contains("snapshot.1_100 flipped at 99 of 100");
        assertThat(Damage.flipSnapshot(data.resolve("group"), 0)).contains("snapshot.1_100");
    }

    @Test
    void whereThereIsNothingItSaysSo() throws Exception {
        assertThat(Damage.tear(data, 0.5)).contains("no log");
        assertThat(Damage.flipSnapshot(data, 0.5)).contains("none");
    }
}
