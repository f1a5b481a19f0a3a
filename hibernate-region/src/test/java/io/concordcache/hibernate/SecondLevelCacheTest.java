package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.CacheStore;
import jakarta.transaction.Synchronization;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.Version;
import org.hibernate.stat.CacheRegionStatistics;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two applications on one database and one store. */
class SecondLevelCacheTest {
    private final Databases database = new Databases();
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private SessionFactory a;
    private SessionFactory b;

    private static Map<String, Object> settings(CacheStore store) {
        return Map.of("hibernate.cache.region.factory_class", "concord", "hibernate.cache.concord.store", store);
    }

    @BeforeEach
    void open() {
        a = database.open(settings(store));
        b = database.open(settings(store));
        a.inTransaction(session -> {
            session.persist(new Item(1, "one"));
            session.persist(new Item(2, "two"));
            session.persist(new VersionedItem(1, "one"));
            session.persist(new LooseItem(1, "one"));
            session.persist(new Fact(new Fact.Id("at", 1), "fact"));
            Order order = new Order(1, "A-1");
            order.items.add(session.getReference(Item.class, 1L));
            order.notes.add("first");
            session.persist(order);
        });
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        store.close();
    }

    private static long selects(SessionFactory factory, Runnable work) {
        Statistics statistics = factory.getStatistics();
        long before = statistics.getPrepareStatementCount();
        work.run();
        return statistics.getPrepareStatementCount() - before;
    }

    private static String nameOf(SessionFactory factory, long id) {
        return factory.fromSession(session -> session.find(Item.class, id).name);
    }

    private static void rename(SessionFactory factory, long id, String name) {
        factory.inTransaction(session -> session.find(Item.class, id).name = name);
    }

    @Test
    void whatOneHasWrittenTheOtherReadsWithoutTheDatabase() {
        assertThat(selects(b, () -> assertThat(nameOf(b, 1)).isEqualTo("one"))).isZero();
        rename(b, 1, "new");
        assertThat(selects(a, () -> assertThat(nameOf(a, 1)).isEqualTo("new"))).isZero();
        a.inTransaction(session -> session.remove(session.find(Item.class, 2L)));
        b.inSession(session -> assertThat(session.find(Item.class, 2L)).isNull());
    }

    @Test
    void enumsVersionsAndCompositeIdsAreCached() {
        a.inTransaction(session -> {
            session.find(Item.class, 1L).color = Item.Color.GREEN;
            session.find(VersionedItem.class, 1L).name = "new";
        });
        Runnable read = () -> b.inSession(session -> {
            assertThat(session.find(Item.class, 1L).color).isEqualTo(Item.Color.GREEN);
            VersionedItem versioned = session.find(VersionedItem.class, 1L);
            assertThat(versioned.name).isEqualTo("new");
            assertThat(versioned.version).isEqualTo(1);
            assertThat(session.find(Fact.class, new Fact.Id("at", 1)).text).isEqualTo("fact");
        });
        assertThat(selects(b, read)).isZero();
    }

    @Test
    void whatWasRolledBackIsNotSeen() {
        assertThatThrownBy(() -> a.inTransaction(session -> {
                    session.find(Item.class, 1L).name = "never";
                    session.flush();
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(nameOf(b, 1)).isEqualTo("one");
        assertThat(nameOf(a, 1)).isEqualTo("one");
    }

    @Test
    void aSessionReadsItsOwnWritesAndOthersDoNot() {
        try (Session writer = a.openSession()) {
            writer.beginTransaction();
            writer.find(Item.class, 1L).name = "mine";
            writer.flush();
            writer.clear();
            assertThat(writer.find(Item.class, 1L).name).isEqualTo("mine");
            assertThat(nameOf(b, 1)).isEqualTo("one");
            writer.getTransaction().rollback();
        }
        assertThat(nameOf(a, 1)).isEqualTo("one");
        assertThat(nameOf(b, 1)).isEqualTo("one");
    }

    @Test
    void whatIsLoadedIsCached() {
        a.getCache().evictAllRegions();
        assertThat(selects(a, () -> nameOf(a, 1))).isEqualTo(1);
        assertThat(selects(a, () -> nameOf(a, 1))).isZero();
        assertThat(selects(b, () -> nameOf(b, 1))).isZero();
        b.getCache().evict(Item.class, 1L);
        assertThat(a.getCache().contains(Item.class, 1L)).isFalse();
        assertThat(selects(a, () -> nameOf(a, 1))).isEqualTo(1);
    }

    @Test
    void collectionsAreCachedUntilTheyChange() {
        Runnable read = () -> b.inSession(session -> {
            Order order = session.find(Order.class, 1L);
            assertThat(order.items).extracting(item -> item.name).containsExactly("one");
            assertThat(order.notes).containsExactly("first");
        });
        read.run();
        assertThat(selects(b, read)).isZero();
        a.inTransaction(session -> session.find(Order.class, 1L).items.add(session.find(Item.class, 2L)));
        b.inSession(session -> assertThat(session.find(Order.class, 1L).items)
                .extracting(item -> item.name)
                .containsExactlyInAnyOrder("one", "two"));
    }

    @Test
    @SuppressWarnings("deprecation") // 6.6 has no other way
    void naturalIdsAreCachedAndFollowTheirChange() {
        Runnable read = () -> b.inSession(
                session -> assertThat(session.bySimpleNaturalId(Order.class).load("A-1").id)
                        .isEqualTo(1));
        read.run();
        assertThat(selects(b, read)).isZero();
        a.inTransaction(session -> session.find(Order.class, 1L).number = "B-1");
        b.inSession(session -> {
            assertThat(session.bySimpleNaturalId(Order.class).load("A-1")).isNull();
            assertThat(session.bySimpleNaturalId(Order.class).load("B-1").id).isEqualTo(1);
        });
    }

    private static List<String> names(SessionFactory factory) {
        return factory.fromSession(session -> session.createQuery("select name from Item order by id", String.class)
                .setCacheable(true)
                .list());
    }

    @Test
    void queriesAreCachedUntilATableChanges() {
        await().until(() -> {
            names(a);
            return selects(b, () -> assertThat(names(b)).containsExactly("one", "two")) == 0;
        });
        rename(b, 1, "new");
        assertThat(names(a)).containsExactly("new", "two");
        assertThat(names(b)).containsExactly("new", "two");
        await().until(() -> {
            names(a);
            return selects(b, () -> assertThat(names(b)).containsExactly("new", "two")) == 0;
        });
    }

    @Test
    void aQueryWithUncommittedResultsIsNotPublished() {
        try (Session writer = a.openSession()) {
            writer.beginTransaction();
            writer.find(Item.class, 1L).name = "mine";
            writer.flush();
            assertThat(writer.createQuery("select name from Item order by id", String.class)
                            .setCacheable(true)
                            .list())
                    .containsExactly("mine", "two");
            assertThat(names(b)).containsExactly("one", "two");
            writer.getTransaction().rollback();
        }
        assertThat(names(b)).containsExactly("one", "two");
        assertThat(names(a)).containsExactly("one", "two");
    }

    @Test
    void bulkStatementsReachEverything() {
        names(b);
        a.inTransaction(session -> {
            session.createMutationQuery("update Item set name = 'bulk'").executeUpdate();
            assertThat(session.find(Item.class, 1L).name).isEqualTo("bulk");
        });
        assertThat(nameOf(b, 1)).isEqualTo("bulk");
        assertThat(names(b)).containsExactly("bulk", "bulk");
        a.inTransaction(session -> session.createNativeMutationQuery("update Item set name = 'native'")
                .executeUpdate());
        assertThat(nameOf(b, 1)).isEqualTo("native");
        assertThat(names(b)).containsExactly("native", "native");
    }

    @Test
    void aRefreshWithoutATransactionLocksNothing() {
        a.inSession(session -> session.refresh(session.find(Item.class, 1L)));
        assertThat(selects(b, () -> nameOf(b, 1))).isEqualTo(1);
        await().untilAsserted(() -> assertThat(selects(b, () -> nameOf(b, 1))).isZero());
    }

    /** Before Hibernate 7 a stateless session passes the cache by, as its user guide says: what is cached stays. */
    @Test
    void statelessSessionsChangeTheCacheTooSinceHibernate7() {
        boolean passesBy = Version.getVersionString().startsWith("6.");
        a.inStatelessTransaction(session -> {
            Item item = session.get(Item.class, 2L);
            item.name = "stateless";
            session.update(item);
        });
        assertThat(nameOf(b, 2)).isEqualTo(passesBy ? "two" : "stateless");
        if (!passesBy) {
            rename(a, 2, "two");
            statelessSessionsChangeEverything();
        }
    }

    private void statelessSessionsChangeEverything() {
        names(b);
        a.inStatelessTransaction(session -> {
            Item item = session.get(Item.class, 1L);
            item.name = "stateless";
            session.update(item);
        });
        assertThat(nameOf(b, 1)).isEqualTo("stateless");
        assertThat(names(b)).containsExactly("stateless", "two");
        a.inStatelessTransaction(session ->
                session.createMutationQuery("update Item set name = 'bulk'").executeUpdate());
        assertThat(nameOf(b, 1)).isEqualTo("bulk");
        assertThat(names(b)).containsExactly("bulk", "bulk");
        a.inStatelessTransaction(session -> session.insert(new Item(3, "three")));
        assertThat(names(b)).containsExactly("bulk", "bulk", "three");
    }

    @Test
    void refreshReadsTheDatabase() {
        a.inTransaction(session -> {
            Item item = session.find(Item.class, 1L);
            session.doWork(connection -> {
                try (var statement = connection.createStatement()) {
                    statement.executeUpdate("update Item set name = 'outside' where id = 1");
                }
            });
            session.refresh(item);
            assertThat(item.name).isEqualTo("outside");
        });
        assertThat(nameOf(b, 1)).isEqualTo("outside");
    }

    @Test
    void readOnlyDataIsCachedByWhoeverInsertsIt() {
        assertThat(b.getCache().contains(Fact.class, new Fact.Id("at", 1))).isTrue();
        a.inTransaction(session -> session.remove(session.find(Fact.class, new Fact.Id("at", 1))));
        assertThat(b.getCache().contains(Fact.class, new Fact.Id("at", 1))).isFalse();
    }

    @Test
    void statisticsCountHitsAndMisses() {
        b.getStatistics().clear();
        nameOf(b, 1);
        b.getCache().evict(Item.class, 1L);
        nameOf(b, 1);
        CacheRegionStatistics region = b.getStatistics().getDomainDataRegionStatistics(Item.class.getName());
        assertThat(region.getHitCount()).isEqualTo(1);
        assertThat(region.getMissCount()).isEqualTo(1);
        assertThat(region.getPutCount()).isEqualTo(1);
        assertThat(region.getElementCountInMemory()).isEqualTo(2);
    }

    /** However many entities a transaction changes; each command is one entry of the log. */
    @Test
    void aWriterSendsTwoCommandsAndAReaderNone() {
        List<Command> sent = new CopyOnWriteArrayList<>();
        ForwardingStore counting = new ForwardingStore(store) {
            @Override
            void beforeCall() {}

            @Override
            public CompletableFuture<List<Outcome>> submit(Command command) {
                sent.add(command);
                return super.submit(command);
            }

            @Override
            public Outcome execute(Command command) {
                sent.add(command);
                return super.execute(command);
            }
        };
        try (SessionFactory counted = database.open(settings(counting))) {
            counted.inTransaction(session -> {
                for (long id = 100; id < 200; id++) {
                    session.persist(new Item(id, "old"));
                }
            });
            nameOf(counted, 100);
            sent.clear();
            nameOf(counted, 100);
            nameOf(counted, 199);
            assertThat(sent).isEmpty();

            counted.inTransaction(session -> {
                for (long id = 100; id < 200; id++) {
                    session.find(Item.class, id).name = "new";
                }
            });
            assertThat(sent)
                    .extracting(Command::getClass)
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .containsExactly(Command.SoftLock.class, Command.SoftUnlock.class);
        }
        assertThat(nameOf(b, 150)).isEqualTo("new");
    }

    /** A refresh outside of a transaction locks by itself; the transaction that follows must lock what it changes too. */
    @Test
    void aTransactionLocksWhatItChangesWhateverTheSessionLockedBefore() {
        try (Session session = a.openSession()) {
            session.refresh(session.find(Item.class, 1L));
            session.beginTransaction();
            session.find(Item.class, 2L).name = "new";
            boolean[] hidden = new boolean[1];
            session.getTransaction().registerSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    hidden[0] = !b.getCache().contains(Item.class, 2L);
                }

                @Override
                public void afterCompletion(int status) {}
            });
            assertThat(b.getCache().contains(Item.class, 2L)).isTrue();
            session.getTransaction().commit();
            assertThat(hidden[0]).as("hidden before the database commits").isTrue();
        }
        assertThat(nameOf(b, 2)).isEqualTo("new");
    }
}
