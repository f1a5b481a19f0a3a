package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.store.StartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a member whose process ends, with real processes. */
class ProcessIT {
    /** Writes 0, 1, 2 … each under its own key and says each number once it is acknowledged; never ends by itself. */
    static final class Writer {
        public static void main(String[] args) {
            RatisStore store = RatisStore.start(RatisSettings.durable(Durability.valueOf(args[0]), Path.of(args[1])));
            long cacheId = store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                    .afterVersion();
            for (int i = 0; ; i++) {
                store.execute(new Command.Write(
                        cacheId, number(i), Condition.ANY, new Mutation.Put(number(i), Expiry.ETERNAL)));
                System.out.println(i);
            }
        }
    }

    /** Starts a store in memory, writes, and lets main end without a close. */
    static final class Forgetful {
        public static void main(String[] args) {
            RatisStore store = RatisStore.start(RatisSettings.memory());
            var unused = store.execute(new Command.CreateCache(CacheDefinition.named("c")));
            System.out.println(store.directory());
        }
    }

    /** Starts a store in memory, says where, and waits to be killed. */
    static final class Waiter {
        public static void main(String[] args) throws IOException {
            System.out.println(RatisStore.start(RatisSettings.memory()).directory());
            var unused = System.in.read();
        }
    }

    @TempDir
    Path temporary;

    private static Bytes number(int i) {
        return Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array());
    }

    private Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(temporary.resolve(main.getSimpleName() + ".err").toFile())
                .start();
    }

    private static void end(Process process) throws InterruptedException {
        var unused = process.toHandle().destroyForcibly(); // leaves what it wrote readable
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"DISK", "FSYNC"})
    void nothingAcknowledgedIsLostWhenTheProcessIsKilled(Durability durability) throws Exception {
        Path directory = temporary.resolve("data");
        Process writer = start(Writer.class, durability.name(), directory.toString());
        int acknowledged = -1;
        try (BufferedReader says = writer.inputReader()) {
            while (acknowledged < 500) {
                acknowledged = Integer.parseInt(Objects.requireNonNull(says.readLine(), "the writer ended early"));
            }
            end(writer);
            for (String line = says.readLine(); line != null; line = says.readLine()) {
                acknowledged = Integer.parseInt(line);
            }
        } finally {
            end(writer);
        }

        try (RatisStore store = RatisStore.start(RatisSettings.durable(durability, directory))) {
            long cacheId = Objects.requireNonNull(store.cache("c")).id();
            for (int i = 0; i <= acknowledged; i++) {
                assertThat(Objects.requireNonNull(store.get(cacheId, number(i), ReadLevel.LINEARIZABLE), "lost")
                                .value())
                        .isEqualTo(number(i));
            }
        }
    }

    @Test
    @DisplayName("Row 31: a directory in use by another process")
    void aDirectoryInUseByAnotherProcessIsRefused() throws Exception {
        Path directory = temporary.resolve("data");
        Process writer = start(Writer.class, "DISK", directory.toString());
        try (BufferedReader says = writer.inputReader()) {
            assertThat(says.readLine()).isEqualTo("0");
            RatisSettings settings = RatisSettings.durable(Durability.DISK, directory);
            assertThatThrownBy(() -> RatisStore.start(settings))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("process " + writer.pid());
            assertThat(says.readLine()).isNotNull();
        } finally {
            end(writer);
        }
    }

    @Test
    void aProgramThatForgetsToCloseEndsAndLeavesNothing() throws Exception {
        Process forgetful = start(Forgetful.class);
        try (BufferedReader says = forgetful.inputReader()) {
            Path directory = Path.of(Objects.requireNonNull(says.readLine()));
            assertThat(forgetful.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(forgetful.exitValue()).isZero();
            assertThat(directory).doesNotExist();
        } finally {
            end(forgetful);
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedByTheNext() throws Exception {
        Process waiter = start(Waiter.class);
        Path directory;
        try (BufferedReader says = waiter.inputReader()) {
            directory = Path.of(Objects.requireNonNull(says.readLine()));
        } finally {
            end(waiter);
        }
        assertThat(Files.isDirectory(directory)).isTrue();
        RatisStore.start(RatisSettings.memory()).close();
        assertThat(directory).doesNotExist();
    }
}
