package io.concordcache.hibernate;

import static io.concordcache.hibernate.Databases.selects;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values and keys beyond the limits of the store, which is a member alone. */
class TooLargeTest {
    private static final String LONG = "x".repeat(250);

    private final Databases database = new Databases();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger(RegionStore.class.getName());
    private SessionFactory a;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(new java.util.logging.SimpleFormatter().formatMessage(record));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void open() {
        logger.addHandler(handler);
        a = database.open(Map.of(
                "hibernate.cache.region.factory_class",
                "concord",
                "hibernate.cache.concord.uri",
                "concord:local?cluster.name=too-large&limits.value=1KB&limits.key=200"));
    }

    @AfterEach
    void close() {
        a.close();
        logger.removeHandler(handler);
    }

    private String name(long id) {
        return a.fromSession(session -> session.find(Item.class, id).name);
    }

    @Test
    void aLargeValueIsNotCachedAndSaidOnceARegion() {
        String large = "y".repeat(255);
        a.inTransaction(session -> session.createNativeMutationQuery("alter table Item alter column name varchar(2000)")
                .executeUpdate());
        a.inTransaction(session -> {
            session.persist(new Item(1, large.repeat(6)));
            session.persist(new Item(2, "small"));
        });
        assertThat(selects(a, () -> assertThat(name(2)).isEqualTo("small"))).isZero();
        assertThat(selects(a, () -> assertThat(name(1)).startsWith("yyy"))).isEqualTo(1);
        assertThat(selects(a, () -> assertThat(name(1)).startsWith("yyy"))).isEqualTo(1);
        assertThat(warnings).singleElement().asString().contains(Item.class.getName(), "1024", "limits.value");
    }

    /** A lock of a key that cannot be stored would never be taken; the transaction must commit nevertheless. */
    @Test
    @SuppressWarnings("deprecation") // 6.6 has no other way
    void aKeyThatIsTooLargeLocksItsRegion() {
        a.inTransaction(session -> {
            session.persist(new Order(1, LONG));
            session.persist(new Order(2, "short"));
        });
        for (String number : List.of(LONG, "short")) {
            assertThat(a.<Long>fromSession(
                            session -> session.bySimpleNaturalId(Order.class).load(number).id))
                    .isEqualTo(number.equals(LONG) ? 1 : 2);
        }
        a.inTransaction(session -> session.find(Order.class, 2L).number = LONG + "2");
        a.inSession(session -> {
            assertThat(session.bySimpleNaturalId(Order.class).load("short")).isNull();
            assertThat(session.bySimpleNaturalId(Order.class).load(LONG + "2").id)
                    .isEqualTo(2);
        });
    }
}
