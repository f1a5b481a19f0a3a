package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.fuzz.Fuzz;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.store.ReadLevel;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hibernate.SessionFactory;
import org.hibernate.cache.spi.entry.CollectionCacheEntry;
import org.hibernate.cache.spi.entry.StandardCacheEntryImpl;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ValuesTest {
    private static final int DAMAGES = 5_000;

    private final LocalStore store = new LocalStore(System::currentTimeMillis);

    private List<Bytes> stored() {
        List<Bytes> all = new ArrayList<>();
        for (CacheInfo cache : store.caches()) {
            store.keys(cache.id(), ReadLevel.LINEARIZABLE).forEachRemaining(key -> {
                Entry entry = store.get(cache.id(), key, ReadLevel.LINEARIZABLE);
                if (entry.value().length() > 0) { // else the time of a table
                    all.add(entry.value());
                }
            });
        }
        return all;
    }

    /** Opens a database whose second-level cache is the store, and puts an entity and a collection there. */
    private Values filled(SessionFactory factory) {
        factory.inTransaction(session -> {
            Order order = new Order(1, "o1");
            order.notes.add("a note");
            session.persist(order);
        });
        factory.inSession(
                session -> assertThat(session.find(Order.class, 1L).notes).hasSize(1));
        return ((ConcordRegionFactory) factory.unwrap(SessionFactoryImplementor.class)
                        .getCache()
                        .getRegionFactory())
                .values();
    }

    private SessionFactory open() {
        return new Databases()
                .open(Map.of(
                        "hibernate.cache.region.factory_class", "concord", "hibernate.cache.concord.store", store));
    }

    private static Object read(Values values, byte[] bytes) {
        Object value = bytes.length < Integer.BYTES
                ? null
                : values.read("r", ByteBuffer.wrap(bytes).getInt(), Bytes.wrap(bytes));
        if (value == null) {
            throw new MarshalException("a miss");
        }
        return value;
    }

    @Test
    void damagedBytesDoNoHarm() throws Exception {
        try (SessionFactory factory = open()) {
            Values values = filled(factory);
            List<byte[]> valid = stored().stream().map(Bytes::unwrap).toList();
            int tag = 7;
            new Fuzz<>("values of Hibernate", valid, bytes -> read(values, bytes))
                    .refusing(MarshalException.class)
                    .allocating(500, 2_000_000)
                    .then(value -> assertThat(values.write("r", tag, value)).isNotNull())
                    .run();
        }
    }

    /** Arrays that hold an array each, and say that they hold many more elements. */
    @Test
    @DisplayName("Row 21: arrays in arrays, in a value of Hibernate")
    void arraysInArraysDoNoHarm() throws Exception {
        try (SessionFactory factory = open()) {
            Values values = filled(factory);
            ByteBuffer nested = ByteBuffer.allocate(400_001);
            nested.putInt(7).put((byte) 0);
            while (nested.remaining() >= 4) {
                nested.put(new byte[] {2, (byte) 0xff, (byte) 0xff, 3}); // an array of 65,535
            }
            long before = allocated();
            assertThat(values.read("r", 7, Bytes.wrap(nested.array()))).isNull();
            assertThat(allocated() - before).isLessThan(100_000_000);
        }
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** Whatever the damage: another value of the same form, or none, but no exception. */
    @Test
    void damagedBytesAreAMissAtWorst() {
        try (SessionFactory factory = open()) {
            Values values = filled(factory);
            Random random = new Random(1);
            List<Class<?>> found = new ArrayList<>();
            int misses = 0;
            for (Bytes whole : stored()) {
                int tag = ByteBuffer.wrap(whole.unwrap()).getInt();
                found.add(values.read("r", tag, whole).getClass());
                for (int i = 0; i < DAMAGES; i++) {
                    byte[] bytes = whole.unwrap().clone();
                    int at = random.nextInt(bytes.length);
                    bytes[at] ^= (byte) (1 << random.nextInt(8));
                    Bytes damaged = Bytes.wrap(i % 3 == 0 ? Arrays.copyOf(bytes, at) : bytes);
                    misses += values.read("r", tag, damaged) == null ? 1 : 0;
                }
            }
            assertThat(found).contains(StandardCacheEntryImpl.class, CollectionCacheEntry.class);
            assertThat(misses).isGreaterThan(found.size() * DAMAGES / 3);
        }
    }
}
