package io.concordcache.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void equalBytesHaveEqualHashCodes() {
        assertThat(Bytes.wrap(new byte[] {1, -2})).hasSameHashCodeAs(Bytes.wrap(new byte[] {1, -2}));
        assertThat(Bytes.wrap(new byte[0])).hasSameHashCodeAs(Bytes.EMPTY);
    }

    @Test
    void numberedKeysDoNotShareHashCodes() {
        assertThat(IntStream.range(0, 100_000)
                        .map(i -> Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array())
                                .hashCode())
                        .distinct()
                        .count())
                .isGreaterThan(99_900);
        assertThat(IntStream.range(0, 100_000)
                        .map(i -> Bytes.wrap(("key-" + i).getBytes(StandardCharsets.UTF_8))
                                .hashCode())
                        .distinct()
                        .count())
                .isGreaterThan(99_900);
    }
}
