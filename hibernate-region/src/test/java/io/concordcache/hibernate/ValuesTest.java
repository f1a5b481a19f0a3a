package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.ReadLevel;
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

    /** Whatever the damage: another value of the same form, or none, but no exception. */
    @Test
    void damagedBytesAreAMissAtWorst() {
        try (SessionFactory factory = new Databases()
                .open(Map.of(
                        "hibernate.cache.region.factory_class", "concord", "hibernate.cache.concord.store", store))) {
            factory.inTransaction(session -> {
                Order order = new Order(1, "o1");
                order.notes.add("a note");
                session.persist(order);
            });
            factory.inSession(
                    session -> assertThat(session.find(Order.class, 1L).notes).hasSize(1));
            Values values = ((ConcordRegionFactory) factory.unwrap(SessionFactoryImplementor.class)
                            .getCache()
                            .getRegionFactory())
                    .values();
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
