package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.local.LocalStore;
import jakarta.transaction.Synchronization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.hibernate.SessionFactory;
import org.hibernate.Version;
import org.hibernate.cache.CacheException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application whose store does not answer for a while, as behind a cut, and another that has it all the time. */
class UnavailableTest {
    private final Databases database = new Databases();
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private final CutStore cut = new CutStore(store);
    private SessionFactory behind;
    private SessionFactory other;

    private void open(Map<String, ?> more) {
        behind = database.open(settings(cut, more));
        other = database.open(settings(store, more));
        other.inTransaction(session -> session.persist(new Item(1, "old")));
    }

    private static Map<String, Object> settings(Object store, Map<String, ?> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("hibernate.cache.region.factory_class", "concord");
        all.put("hibernate.cache.concord.store", store);
        return all;
    }

    @AfterEach
    void close() {
        cut.mend();
        behind.close();
        other.close();
    }

    private static String name(SessionFactory factory) {
        return factory.fromSession(session -> session.find(Item.class, 1L).name);
    }

    private void rename() {
        behind.inTransaction(session -> session.find(Item.class, 1L).name = "new");
    }

    @Test
    void readsGoToTheDatabaseAndComeBack() {
        open(Map.of());
        assertThat(name(behind)).isEqualTo("old");
        cut.cut();
        long asked = cut.asked();
        assertThat(name(behind)).isEqualTo("old");
        assertThat(name(behind)).isEqualTo("old");
        assertThat(cut.asked() - asked).as("what does not answer is left alone").isLessThanOrEqualTo(1);
        other.inTransaction(session -> session.find(Item.class, 1L).name = "new");
        assertThat(name(behind)).isEqualTo("new");
        cut.mend();
        await().atMost(20, TimeUnit.SECONDS).until(() -> isHit(behind));
        assertThat(name(behind)).isEqualTo("new");
    }

    @Test
    void aWriteWithoutALockIsRolledBack() {
        open(Map.of());
        assertThat(name(behind)).isEqualTo("old");
        cut.cut();
        assertThatThrownBy(this::rename)
                .hasStackTraceContaining(CacheException.class.getName())
                .hasStackTraceContaining("has to be rolled back")
                .hasStackTraceContaining("hibernate.cache.concord.on-unavailable");
        assertThat(name(behind)).isEqualTo("old");
        assertThat(name(other)).isEqualTo("old");
        cut.mend();
        await().atMost(20, TimeUnit.SECONDS).ignoreExceptions().until(() -> {
            rename();
            return true;
        });
        assertThat(name(other)).isEqualTo("new");
    }

    /** The documented risk, and its end. */
    @Test
    void degradedAWriteCommitsAndTheRegionIsClearedWhenTheStoreIsBack() {
        open(Map.of("hibernate.cache.concord.on-unavailable", "degrade", "hibernate.cache.concord.time-to-live", "1h"));
        assertThat(name(other)).isEqualTo("old");
        cut.cut();
        rename();
        assertThat(name(behind)).isEqualTo("new");
        assertThat(name(other)).as("old until the store is back").isEqualTo("old");
        cut.mend();
        await().atMost(20, TimeUnit.SECONDS).until(() -> name(other).equals("new"));
    }

    /** The region is cleared after the commit, not only before it, when the store comes back between the two. */
    @Test
    void degradedTheRegionIsClearedAfterTheCommit() {
        open(Map.of("hibernate.cache.concord.on-unavailable", "degrade", "hibernate.cache.concord.time-to-live", "1h"));
        assertThat(name(behind)).isEqualTo("old");
        cut.cut();
        behind.inTransaction(session -> {
            session.find(Item.class, 1L).name = "new";
            session.getTransaction().registerSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    cut.mend();
                    await().atMost(20, TimeUnit.SECONDS).until(() -> isHit(behind));
                    assertThat(name(other)).isEqualTo("old");
                }

                @Override
                public void afterCompletion(int status) {}
            });
        });
        await().atMost(20, TimeUnit.SECONDS).until(() -> name(other).equals("new"));
    }

    private static final Map<String, String> OUTBOX =
            Map.of("hibernate.cache.concord.on-unavailable", "outbox", "hibernate.cache.concord.outbox-poll", "50ms");

    /** Stateless sessions pass the cache by before Hibernate 7. */
    private static final boolean STATELESS_PASS_BY = Version.getVersionString().startsWith("6.");

    private static int count(SessionFactory factory, String name) {
        return factory.fromSession(session -> session.createSelectionQuery("from Item where name = :name", Item.class)
                .setParameter("name", name)
                .setCacheable(true)
                .list()
                .size());
    }

    private static long rows(SessionFactory factory) {
        return factory.fromSession(
                session -> session.createSelectionQuery("select count(*) from ConcordOutbox", Long.class)
                        .getSingleResult());
    }

    /** Others learn of it while the one that wrote is still cut off, or gone for ever. */
    @Test
    void whatIsWrittenToTheOutboxIsMadeKnownByANodeThatHasTheStore() {
        open(OUTBOX);
        assertThat(name(other)).isEqualTo("old");
        assertThat(count(other, "new")).isZero();
        cut.cut();
        rename();
        assertThat(name(behind)).isEqualTo("new");
        behind.close();
        await().atMost(20, TimeUnit.SECONDS).until(() -> name(other).equals("new") && count(other, "new") == 1);
        await().atMost(20, TimeUnit.SECONDS).until(() -> rows(other) == 0);
        assertThat(isHit(other)).isTrue();
    }

    @Test
    void aBulkStatementIsMadeKnownByTheOutbox() {
        open(OUTBOX);
        assertThat(name(other)).isEqualTo("old");
        cut.cut();
        behind.inTransaction(session ->
                session.createMutationQuery("update Item set name = 'new'").executeUpdate());
        await().atMost(20, TimeUnit.SECONDS).until(() -> name(other).equals("new"));
    }

    @Test
    void aStatelessSessionWritesToTheOutboxToo() {
        open(OUTBOX);
        assertThat(name(other)).isEqualTo("old");
        cut.cut();
        behind.inStatelessTransaction(session -> {
            Item item = session.get(Item.class, 1L);
            item.name = "new";
            session.update(item);
        });
        await().atMost(20, TimeUnit.SECONDS).until(() -> name(other).equals(STATELESS_PASS_BY ? "old" : "new"));
    }

    @Test
    void nothingIsMadeKnownOfWhatWasRolledBack() {
        open(OUTBOX);
        assertThat(name(other)).isEqualTo("old");
        cut.cut();
        assertThatThrownBy(() -> behind.inTransaction(session -> {
                    session.find(Item.class, 1L).name = "new";
                    session.getTransaction().registerSynchronization(new Synchronization() {
                        @Override
                        public void beforeCompletion() {
                            throw new IllegalStateException("no");
                        }

                        @Override
                        public void afterCompletion(int status) {}
                    });
                }))
                .hasStackTraceContaining("no");
        assertThat(rows(behind)).isZero();
        assertThat(name(behind)).isEqualTo("old");
    }

    /** The one that wrote looks before it reads the cache again, however long the poll is. */
    @Test
    void whoWroteToTheOutboxReadsItsOwnWriteWhenTheStoreIsBack() {
        open(Map.of("hibernate.cache.concord.on-unavailable", "outbox", "hibernate.cache.concord.outbox-poll", "1m"));
        assertThat(name(behind)).isEqualTo("old");
        cut.cut();
        rename();
        cut.mend();
        await().atMost(20, TimeUnit.SECONDS).until(() -> isHit(behind));
        assertThat(name(behind)).isEqualTo("new");
        assertThat(name(other)).isEqualTo("new");
    }

    /** Hibernate evicts the natural id of what it deletes while it flushes. */
    @ParameterizedTest
    @ValueSource(strings = {"outbox", "degrade"})
    void anEntityWithACachedNaturalIdIsDeletedWithoutTheStore(String policy) {
        open(Map.of(
                "hibernate.cache.concord.on-unavailable", policy,
                "hibernate.cache.concord.outbox-poll", "50ms",
                "hibernate.cache.concord.time-to-live", "1h"));
        other.inTransaction(session -> session.persist(new Order(1, "A-1")));
        assertThat(exists(other)).isTrue();
        cut.cut();
        behind.inTransaction(session -> session.remove(session.find(Order.class, 1L)));
        cut.mend();
        await().atMost(20, TimeUnit.SECONDS).until(() -> !exists(other));
    }

    @SuppressWarnings("deprecation") // the way since 7.3 is not in 6.6
    private static boolean exists(SessionFactory factory) {
        return factory.fromSession(
                session -> session.bySimpleNaturalId(Order.class).load("A-1") != null);
    }

    @Test
    void withoutATransactionNothingIsWrittenToTheOutbox() {
        open(OUTBOX);
        cut.cut();
        behind.inStatelessSession(session -> {
            Item item = session.get(Item.class, 1L);
            item.name = "new";
            if (!STATELESS_PASS_BY) {
                assertThatThrownBy(() -> session.update(item)).hasStackTraceContaining("in a transaction");
            }
        });
        assertThat(name(other)).isEqualTo("old");
    }

    @Test
    void theOutboxNeedsItsTable() {
        open(Map.of());
        Map<String, Object> without = settings(store, OUTBOX);
        without.put("hibernate.hbm2ddl.auto", "none");
        assertThatThrownBy(() -> database.open(without))
                .hasStackTraceContaining("on-unavailable=outbox needs its table")
                .hasStackTraceContaining("CONCORD_OUTBOX");
    }

    /** As the documents say to create it. */
    @Test
    void theTableMayBeMadeByHand() throws IOException {
        String documents = Files.readString(
                Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("hibernate.md"));
        int begin = documents.indexOf("create table concord_outbox");
        String table = documents.substring(begin, documents.indexOf("```", begin));
        open(Map.of());
        other.inTransaction(session -> session.createNativeMutationQuery(table).executeUpdate());
        Map<String, Object> validated = settings(cut, OUTBOX);
        validated.put("hibernate.hbm2ddl.auto", "validate");
        try (SessionFactory byHand = database.open(validated)) {
            cut.cut();
            byHand.inTransaction(session -> session.find(Item.class, 1L).name = "new");
            assertThat(rows(byHand)).isPositive();
        }
    }

    private static boolean isHit(SessionFactory factory) {
        long before = factory.getStatistics().getSecondLevelCacheHitCount();
        name(factory);
        return factory.getStatistics().getSecondLevelCacheHitCount() > before;
    }

    @Test
    void degradedEachRegionNeedsATimeToLive() {
        open(Map.of());
        assertThatThrownBy(() ->
                        database.open(settings(store, Map.of("hibernate.cache.concord.on-unavailable", "degrade"))))
                .hasStackTraceContaining("has no time to live")
                .hasStackTraceContaining("hibernate.cache.concord.time-to-live");
    }

    @Test
    void aRegionThatWasDestroyedIsMadeAnew() {
        open(Map.of());
        long region = store.cache("hibernate:" + Item.class.getName()).id();
        store.execute(new Command.DestroyCache(region));
        rename();
        assertThat(name(other)).isEqualTo("new");
        assertThat(store.cache("hibernate:" + Item.class.getName()).id()).isNotEqualTo(region);
    }
}
