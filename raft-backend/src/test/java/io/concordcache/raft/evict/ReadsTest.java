package io.concordcache.raft.evict;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadsTest {
    private final AtomicInteger wakes = new AtomicInteger();
    private final Reads reads = new Reads(wakes::incrementAndGet);

    private static Bytes key(int number) {
        return Bytes.wrap(ByteBuffer.allocate(4).putInt(number).array());
    }

    private static List<Bytes> keys(int from, int to) {
        return IntStream.range(from, to).mapToObj(ReadsTest::key).toList();
    }

    private List<Bytes> drained(int room) {
        List<Bytes> taken = new ArrayList<>();
        var unused = reads.drain(room, taken::add);
        return taken;
    }

    @Test
    void whatWasReadComesOutOnceAndInOrder() {
        keys(0, 100).forEach(reads::add);
        assertThat(drained(Integer.MAX_VALUE)).isEqualTo(keys(0, 100));
        assertThat(drained(Integer.MAX_VALUE)).isEmpty();
        keys(100, 130).forEach(reads::add);
        assertThat(drained(Integer.MAX_VALUE)).isEqualTo(keys(100, 130));
    }

    @Test
    void whatDoesNotFitStays() {
        keys(0, 100).forEach(reads::add);
        assertThat(drained(12 * 30)).isEqualTo(keys(0, 30));
        assertThat(drained(Integer.MAX_VALUE)).isEqualTo(keys(30, 100));
    }

    @Test
    void whatIsTooMuchIsLostTheOldestFirst() {
        keys(0, 3 * Reads.SIZE + 7).forEach(reads::add);
        assertThat(drained(Integer.MAX_VALUE)).isEqualTo(keys(2 * Reads.SIZE + 7, 3 * Reads.SIZE + 7));
    }

    @Test
    void manyReadsWakeWhoTakesThem() {
        keys(0, Reads.MANY - 1).forEach(reads::add);
        assertThat(wakes).hasValue(0);
        reads.add(key(0));
        assertThat(wakes).hasValue(1);
        keys(0, Reads.MANY).forEach(reads::add);
        assertThat(wakes).hasValue(2);
    }

    /** Keys may be lost where readers meet, but none is made up, and a reader alone loses none. */
    @Test
    void readersThatMeetDoNoHarm() throws InterruptedException {
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            readers.add(new Thread(() -> keys(0, 50_000).forEach(reads::add)));
        }
        readers.forEach(Thread::start);
        List<Bytes> taken = new ArrayList<>();
        while (readers.stream().anyMatch(Thread::isAlive)) {
            taken.addAll(drained(Integer.MAX_VALUE));
        }
        taken.addAll(drained(Integer.MAX_VALUE));
        assertThat(taken).isNotEmpty().hasSizeLessThanOrEqualTo(16 * 50_000);
        assertThat(new HashSet<>(keys(0, 50_000)).containsAll(taken)).isTrue();
        keys(7, 9).forEach(reads::add);
        assertThat(drained(Integer.MAX_VALUE)).isEqualTo(keys(7, 9));
    }

    /** Else the thread that drains, which applies the log, would count around to it: some seconds. */
    @Test
    void aNumberThatWasSetBackHasNothingToDrain() {
        assertThat(Reads.oldest(10, 5)).isEqualTo(5);
        assertThat(Reads.oldest(Integer.MIN_VALUE + 3, Integer.MAX_VALUE - 3)).isEqualTo(Integer.MAX_VALUE - 3);
    }

    @Test
    void whatWasOverwrittenIsSkipped() {
        assertThat(Reads.oldest(10, 20)).isEqualTo(10);
        assertThat(Reads.oldest(0, Reads.SIZE + 7)).isEqualTo(7);
        assertThat(Reads.oldest(Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 1)).isEqualTo(Integer.MAX_VALUE - 1);
    }
}
