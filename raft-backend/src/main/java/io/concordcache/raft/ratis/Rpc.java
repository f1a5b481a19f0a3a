package io.concordcache.raft.ratis;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.io.grpc.KnownLength;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;

/** Our method beside Ratis' own on the one port of a member: bytes for a stream of bytes. */
final class Rpc {
    static final String SERVICE = "concord.Member";
    static final MethodDescriptor<ByteBuffer, ByteBuffer> STREAM =
            method("Stream", MethodDescriptor.MethodType.SERVER_STREAMING);

    /** Above the largest log entry, with what surrounds it. */
    static final int MAX_MESSAGE_BYTES = 64 << 20;

    private Rpc() {}

    private static MethodDescriptor<ByteBuffer, ByteBuffer> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<ByteBuffer, ByteBuffer>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new Marshaller())
                .setResponseMarshaller(new Marshaller())
                .build();
    }

    private static final class Marshaller implements MethodDescriptor.Marshaller<ByteBuffer> {
        @Override
        public InputStream stream(ByteBuffer value) {
            return new Known(value);
        }

        @Override
        public ByteBuffer parse(InputStream stream) {
            try {
                return ByteBuffer.wrap(stream.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Known extends ByteArrayInputStream implements KnownLength {
        Known(ByteBuffer value) {
            super(value.array(), value.arrayOffset() + value.position(), value.remaining());
        }
    }
}
