package io.concordcache.raft.wire;

import io.concordcache.raft.core.CacheMachine;
import io.concordcache.raft.core.StateView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Snapshots that are whole, and yet not what a member should read. */
public final class SnapshotFiles {
    public static final int DIGEST_LENGTH = 32;

    private SnapshotFiles() {}

    /** An empty one of that cluster. */
    public static byte[] ofCluster(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateView view = new CacheMachine(CommandCodec::decodeCommand).view()) {
            var unused = SnapshotCodec.write(view, name, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** The same in a format that is not known yet. */
    public static byte[] ofNewerFormat(byte[] snapshot) {
        byte[] newer = snapshot.clone();
        newer[SnapshotCodec.MAGIC.length]++;
        return withDigest(newer);
    }

    /** With the digest that belongs to what stands before it. */
    static byte[] withDigest(byte[] snapshot) {
        int length = snapshot.length - DIGEST_LENGTH;
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(snapshot, length));
            System.arraycopy(digest, 0, snapshot, length, DIGEST_LENGTH);
            return snapshot;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
