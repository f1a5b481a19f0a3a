package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.cluster.Disks;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, as it mounts a disk. */
class VoteFileIT {
    private static final RaftStorageMetadata FIRST = RaftStorageMetadata.valueOf(7, RaftPeerId.valueOf("m1"));
    private static final RaftStorageMetadata NEXT = RaftStorageMetadata.valueOf(8, RaftPeerId.valueOf("m2"));

    @TempDir
    private Path disk;

    @BeforeEach
    void mount() {
        Disks.mount(disk, "256k");
    }

    @AfterEach
    void unmount() {
        Disks.unmount(disk);
    }

    private RaftStorage open() throws IOException {
        RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(disk.resolve("group").toFile())
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
                .build();
        storage.initialize();
        return storage;
    }

    /** As a member does when it starts, before it may vote. */
    private RaftStorage guarded() throws IOException {
        RaftStorage storage = open();
        RatisStateMachine machine = new RatisStateMachine(
                RatisSettings.durable(Durability.DISK, disk),
                new LeaderClock(System::currentTimeMillis, System::nanoTime),
                new RatisStateMachine.Listener() {},
                Runnable::run,
                () -> {});
        RaftServer server = (RaftServer) Proxy.newProxyInstance(
                RaftServer.class.getClassLoader(),
                new Class<?>[] {RaftServer.class},
                (proxy, getId, none) -> RatisMember.ALONE);
        machine.initialize(server, RatisMember.groupId("concord"), storage);
        return storage;
    }

    private static RaftStorageMetadata read(RaftStorage storage) throws IOException {
        try (storage) {
            return storage.getMetadataFile().getMetadata();
        }
    }

    /** The page that the copy of the old file takes is left free, and none for the new one. */
    private void fillButOnePage(Path ballast) throws IOException {
        byte[] page = new byte[4_096];
        long written = 0;
        try (var out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(page);
                written += page.length;
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space");
        }
        try (var channel = FileChannel.open(ballast, StandardOpenOption.WRITE)) {
            channel.truncate(written - page.length);
        }
    }

    @Test
    void staysWhenTheNextCannotBeWritten() throws Exception {
        try (RaftStorage storage = guarded()) {
            storage.getMetadataFile().persist(FIRST);
            fillButOnePage(disk.resolve("ballast"));
            assertThatThrownBy(() -> storage.getMetadataFile().persist(NEXT)).isInstanceOf(IOException.class);
            assertThat(storage.getMetadataFile().getMetadata()).isEqualTo(FIRST);
        }
        assertThat(read(open())).isEqualTo(FIRST);
    }

    @Test
    void isWrittenOnceThereIsSpace() throws Exception {
        Path ballast = disk.resolve("ballast");
        try (RaftStorage storage = guarded()) {
            storage.getMetadataFile().persist(FIRST);
            fillButOnePage(ballast);
            assertThatThrownBy(() -> storage.getMetadataFile().persist(NEXT)).isInstanceOf(IOException.class);
            Files.delete(ballast);
            storage.getMetadataFile().persist(NEXT);
        }
        assertThat(read(open())).isEqualTo(NEXT);
        assertThat(disk.resolve("group/current").toFile().list()).doesNotContain("raft-meta.kept");
    }
}
