package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.apache.ratis.server.protocol.TermIndex;

/** The snapshot of this member, piece by piece, for a member whose own is damaged: see {@link SnapshotRepair}. */
final class SnapshotPieces {
    private static final int PIECE_BYTES = 1 << 20;

    private SnapshotPieces() {}

    /**
     * Reads a piece; blocks.
     *
     * @param members the file in which Raft keeps the newest configuration
     * @throws StoreUnavailableException if no snapshot goes so far; one is taken then
     */
    static Response read(RatisStore store, Path members, Request.Fetch asked) {
        if (!store.current().hasGroup()) {
            throw new StoreUnavailableException("this member is in no group yet");
        }
        TermIndex at = asked.index() < 0
                ? store.stateMachine().latestSnapshot()
                : TermIndex.valueOf(asked.term(), asked.index());
        if (at == null || at.getIndex() < asked.from()) {
            store.wantSnapshot();
            throw new StoreUnavailableException("no snapshot goes up to " + asked.from() + " yet; ask again");
        }
        try (FileChannel file = FileChannel.open(
                store.stateMachine().snapshotFile(at.getTerm(), at.getIndex()), StandardOpenOption.READ)) {
            long left = Math.max(0, file.size() - Math.max(0, asked.offset()));
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, left));
            for (int read = 0; read >= 0 && piece.hasRemaining(); ) {
                read = file.read(piece, asked.offset() + piece.position());
            }
            return new Response.Piece(
                    at.getTerm(),
                    at.getIndex(),
                    file.size(),
                    Bytes.wrap(Files.readAllBytes(members)),
                    Bytes.wrap(Arrays.copyOf(piece.array(), piece.position())));
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreUnavailableException("the snapshot cannot be read: " + e, e);
        }
    }
}
