package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembersFileTest {
    @TempDir
    private Path current;

    private Path file;
    private Path copy;

    @BeforeEach
    void name() {
        file = current.resolve("raft-meta.conf");
        copy = current.resolve("raft-meta.conf.kept");
    }

    private static LogEntryProto list(long index) {
        return LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setConfigurationEntry(RaftConfigurationProto.newBuilder()
                        .addPeers(RaftPeerProto.newBuilder().setId(ByteString.copyFromUtf8("m" + index))))
                .build();
    }

    private void write(LogEntryProto members) throws IOException {
        Files.write(file, members.toByteArray());
    }

    private void damage() throws IOException {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(content, content.length / 2));
    }

    private LogEntryProto read() throws IOException {
        return LogEntryProto.parseFrom(Files.readAllBytes(file));
    }

    private MembersFile started(long index) throws IOException {
        write(list(index));
        MembersFile members = new MembersFile(current);
        members.started(-1);
        return members;
    }

    @Test
    void theCopyTakesThePlaceOfADamagedFile() throws IOException {
        started(7);
        damage();
        new MembersFile(current).restore(8);
        assertThat(read()).isEqualTo(list(7));
    }

    @Test
    void theCopyTakesThePlaceOfALostFile() throws IOException {
        started(7);
        Files.delete(file);
        new MembersFile(current).restore(0);
        assertThat(read()).isEqualTo(list(7));
    }

    @Test
    void aGoodFileStays() throws IOException {
        started(7);
        write(list(9));
        new MembersFile(current).restore(8);
        assertThat(read()).isEqualTo(list(9));
    }

    @Test
    void aCopyThatTheLogDoesNotGoOnFromIsNotTaken() throws IOException {
        started(7);
        damage();
        byte[] damaged = Files.readAllBytes(file);
        new MembersFile(current).restore(9);
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }

    @Test
    void aDamagedCopyIsNotTaken() throws IOException {
        started(7);
        damage();
        byte[] damaged = Files.readAllBytes(file);
        byte[] content = Files.readAllBytes(copy);
        for (int at = 0; at < content.length; at++) {
            byte[] flipped = content.clone();
            flipped[at] ^= 1;
            Files.write(copy, flipped);
            new MembersFile(current).restore(0);
            assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
        }
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenAnew() throws IOException {
        MembersFile members = started(7);
        damage();
        members.changed(list(12));
        assertThat(read()).isEqualTo(list(12));
    }

    @Test
    void anOlderFileIsWrittenAnew() throws IOException {
        MembersFile members = started(7);
        members.changed(list(12));
        assertThat(read()).isEqualTo(list(12));
    }

    @Test
    void theCopyGoesAsFarAsTheLogMayBeDropped() throws IOException {
        MembersFile members = started(7);
        assertThat(members.forgettable(40)).isEqualTo(40);
        damage();
        new MembersFile(current).restore(41);
        assertThat(read()).isEqualTo(list(7));
    }

    @Test
    void nothingMayBeDroppedWithoutACopy() throws IOException {
        MembersFile members = started(7);
        Path obstacle = Files.createDirectory(copy.resolveSibling("raft-meta.conf.kept.next"));
        assertThat(members.forgettable(40)).isEqualTo(-1);
        Files.delete(obstacle);
        assertThat(members.forgettable(41)).isEqualTo(41);
    }

    /** The list of a snapshot is known when the leader has told it; until then the copy stays behind. */
    @Test
    void afterASnapshotOfTheLeaderTheCopyWaitsForItsList() throws IOException {
        MembersFile members = started(7);
        members.replaced();
        assertThat(members.forgettable(40)).isEqualTo(40);
        damage();
        byte[] damaged = Files.readAllBytes(file);
        new MembersFile(current).restore(41);
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);

        members.changed(list(30));
        assertThat(members.forgettable(50)).isEqualTo(50);
        damage();
        new MembersFile(current).restore(51);
        assertThat(read()).isEqualTo(list(30));
    }

    @Test
    void aNewMemberHasNoListYet() throws IOException {
        MembersFile members = new MembersFile(current);
        members.started(-1);
        assertThat(copy).doesNotExist();
        members.changed(list(0));
        assertThat(read()).isEqualTo(list(0));
        assertThat(copy).exists();
    }
}
