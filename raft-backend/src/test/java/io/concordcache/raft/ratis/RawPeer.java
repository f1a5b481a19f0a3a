package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.tls.Tls;
import io.concordcache.raft.tls.TlsSettings;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import io.concordcache.raft.wire.RpcCodec;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/** Somebody at the port of a member who need not keep to the protocol. Waits five seconds for each answer. */
final class RawPeer implements Closeable {
    private static final int PATIENCE_MILLIS = 5000;
    private static final int HEAD_BYTES = 9;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connected; has said nothing. */
    static RawPeer silent(Member to) throws IOException {
        return new RawPeer(new Socket(to.host(), to.port()));
    }

    /** One that has greeted as a link does. */
    static RawPeer greeted(Member to) throws IOException {
        RawPeer peer = silent(to);
        peer.out.write(Link.MAGIC);
        return peer;
    }

    /** The same through TLS. */
    static RawPeer greeted(Member to, TlsSettings as) throws IOException {
        RawPeer peer = silent(to);
        peer.out.write(Link.MAGIC_TLS);
        try (Tls tls = Tls.open(as)) {
            RawPeer secured = new RawPeer(tls.connect(peer.socket, to.host(), to.port()));
            assertThat(secured.in.readNBytes(Link.MAGIC_TLS.length)).isEqualTo(Link.MAGIC_TLS);
            return secured;
        }
    }

    Socket socket() {
        return socket;
    }

    RawPeer write(byte... bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    /** The head of a frame, whatever follows. */
    RawPeer head(int length, int kind) throws IOException {
        out.write(ByteBuffer.allocate(5).putInt(length).put((byte) kind).array());
        return this;
    }

    RawPeer frame(Link.Kind kind, byte[] body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + HEAD_BYTES + body.length);
        out.write(frame.putInt(HEAD_BYTES + body.length)
                .put((byte) kind.ordinal())
                .putLong(1)
                .put(body)
                .array());
        return this;
    }

    RawPeer call(Request request) throws IOException {
        return call("concord", request);
    }

    RawPeer call(String cluster, Request request) throws IOException {
        return frame(Link.Kind.CALL, bytes(RpcCodec.encode(cluster, request)));
    }

    static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        return bytes;
    }

    /** What came. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(Link.Kind kind, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        Response response() {
            assertThat(kind).isEqualTo(Link.Kind.ANSWER);
            return RpcCodec.decodeResponse(ByteBuffer.wrap(body));
        }
    }

    Frame read() throws IOException {
        int length = in.readInt() - HEAD_BYTES;
        Link.Kind kind = Link.Kind.values()[in.readByte()];
        long unusedId = in.readLong();
        Frame frame = new Frame(kind, in.readNBytes(length));
        assertThat(frame.text()).doesNotContain("\tat ").doesNotContain("java.").doesNotContain("io.concordcache");
        return frame;
    }

    /** The refusal of a request. */
    Response.Failed refusal() throws IOException {
        Response response = read().response();
        assertThat(response).isInstanceOf(Response.Failed.class);
        Response.Failed failed = (Response.Failed) response;
        assertThat(failed.kind()).isEqualTo(Response.Failed.Kind.REJECTED);
        return failed;
    }

    /** Whether the other side has ended the connection, or does in time; what it says before is read. */
    boolean isCutOff() throws IOException {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        byte[] some = new byte[1 << 10];
        try {
            while (System.nanoTime() - deadline < 0) {
                if (in.read(some) < 0) {
                    return true;
                }
            }
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (EOFException | SocketException | SSLException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
