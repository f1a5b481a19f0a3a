package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.tls.Secret;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of this release and a member of release 0.1.0, which ends a connection with a frame that it does not know. */
@Timeout(30)
class OlderMemberTest {
    /** Frames of 0.1.0: from APPEND_ENTRIES to COMPRESS_REPLY. */
    private static final int KINDS = 9;

    private static final int HEAD_BYTES = 9;

    /** Answers calls as one would; those that it does not understand, too. */
    private static void serve(ServerSocket listener) {
        try (Socket socket = listener.accept();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
            in.skipNBytes(Link.MAGIC.length);
            while (true) {
                int length = in.readInt() - HEAD_BYTES;
                int kind = in.readByte();
                long id = in.readLong();
                byte[] body = in.readNBytes(length);
                if (kind >= KINDS) {
                    return;
                }
                boolean known = RpcCodec.decodeRequest(ByteBuffer.wrap(body)).request() instanceof Request.Fence;
                byte[] answer = RawPeer.bytes(RpcCodec.encode(
                        known
                                ? new Response.Done()
                                : new Response.Failed(Response.Failed.Kind.REJECTED, "NO_CLUSTER", "not understood")));
                out.writeInt(HEAD_BYTES + answer.length);
                out.writeByte(Link.Kind.ANSWER.ordinal());
                out.writeLong(id);
                out.write(answer);
            }
        } catch (IOException e) {
            // the client is gone
        }
    }

    @Test
    void aClientWithATokenIsServedAllTheSame() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> serve(listener));
            Member member = new Member("m", "127.0.0.1", listener.getLocalPort());
            try (Channels channels = new Channels(
                    "concord", LinkCompression.OFF, null, new Secret("token-of-the-job-0123456789"), Traces.none())) {
                for (int i = 0; i < 3; i++) {
                    assertThat(channels.call(member, new Request.Fence(), Duration.ofSeconds(10))
                                    .get(10, TimeUnit.SECONDS))
                            .isEqualTo(new Response.Done());
                }
            }
            served.get(10, TimeUnit.SECONDS);
        }
    }
}
