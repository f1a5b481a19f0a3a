package io.concordcache.hibernate;

import static io.concordcache.hibernate.Databases.selects;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.CacheStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions that share connection and transaction with another: they are not told that it is about to commit. */
class ChildSessionTest {
    private final Databases database = new Databases();
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private final List<String> committedWhenLocked = new ArrayList<>();
    private SessionFactory a;
    private SessionFactory b;

    /** Notes what the database has committed when a lock is taken. */
    private final class Watched extends ForwardingStore {
        Watched(CacheStore store) {
            super(store);
        }

        @Override
        public Outcome execute(Command command) {
            if (command instanceof Command.SoftLock) {
                committedWhenLocked.add(committedName());
            }
            return super.execute(command);
        }
    }

    private String committedName() {
        try (Connection connection = DriverManager.getConnection(database.url());
                ResultSet row = connection.createStatement().executeQuery("select name from Item where id = 1")) {
            return row.next() ? row.getString(1) : "none";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void open() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("hibernate.cache.region.factory_class", "concord");
        settings.put("hibernate.connection.isolation", "REPEATABLE_READ");
        settings.put("hibernate.cache.concord.store", store);
        b = database.open(settings);
        settings.put("hibernate.cache.concord.store", new Watched(store));
        a = database.open(settings);
        b.inTransaction(session -> {
            session.persist(new Item(1, "one"));
            session.persist(new LooseItem(1, "one"));
        });
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        store.close();
    }

    private static Session childOf(Session parent) {
        return parent.sessionWithOptions().connection().openSession();
    }

    private static String name(SessionFactory factory) {
        return factory.fromSession(session -> session.find(Item.class, 1L).name);
    }

    private static List<String> names(Session session) {
        return session.createQuery("select name from Item order by id", String.class)
                .setCacheable(true)
                .list();
    }

    @Test
    void whatItFlushesIsLockedAndThenCached() {
        try (Session parent = a.openSession();
                Session child = childOf(parent)) {
            parent.beginTransaction();
            child.find(Item.class, 1L).name = "new";
            child.flush();
            assertThat(b.getCache().contains(Item.class, 1L)).isFalse();
            assertThat(name(b)).isEqualTo("one");
            parent.getTransaction().commit();
        }
        assertThat(committedWhenLocked).contains("one");
        assertThat(selects(b, () -> assertThat(name(b)).isEqualTo("new"))).isZero();
        assertThat(b.<List<String>>fromSession(ChildSessionTest::names)).containsExactly("new");
    }

    /** Its flush comes after the parent's locks were taken. */
    @Test
    void whatItFlushesAtTheCommitIsLockedBeforeTheDatabaseCommits() {
        b.inSession(ChildSessionTest::names);
        try (Session parent = a.openSession();
                Session child = childOf(parent)) {
            parent.beginTransaction();
            child.find(Item.class, 1L).name = "new";
            parent.getTransaction().commit();
        }
        assertThat(committedWhenLocked).contains("one");
        assertThat(name(b)).isEqualTo("new");
        assertThat(b.<List<String>>fromSession(ChildSessionTest::names)).containsExactly("new");
    }

    @Test
    void whatItWroteAndWasRolledBackIsReadAsItWas() {
        try (Session parent = a.openSession();
                Session child = childOf(parent)) {
            parent.beginTransaction();
            child.find(Item.class, 1L).name = "never";
            child.flush();
            parent.getTransaction().rollback();
        }
        assertThat(name(b)).isEqualTo("one");
        assertThat(selects(a, () -> assertThat(name(a)).isEqualTo("one"))).isZero();
    }

    @Test
    void itMayBeClosedBeforeTheCommit() {
        try (Session parent = a.openSession()) {
            parent.beginTransaction();
            try (Session child = childOf(parent)) {
                child.find(Item.class, 1L).name = "new";
                child.flush();
            }
            parent.getTransaction().commit();
        }
        assertThat(name(b)).isEqualTo("new");
        assertThat(selects(a, () -> assertThat(name(a)).isEqualTo("new"))).isZero();
    }

    @Test
    void itPublishesNothingThatItsParentHasNotCommitted() {
        try (Session parent = a.openSession();
                Session child = childOf(parent)) {
            parent.beginTransaction();
            parent.find(Item.class, 1L).name = "never";
            parent.flush();
            assertThat(child.find(Item.class, 1L).name).isEqualTo("never");
            assertThat(names(child)).containsExactly("never");
            assertThat(name(b)).isEqualTo("one");
            parent.getTransaction().rollback();
        }
        assertThat(name(b)).isEqualTo("one");
        assertThat(b.<List<String>>fromSession(ChildSessionTest::names)).containsExactly("one");
    }

    @Test
    void itsParentPublishesNothingThatItHasNotCommitted() {
        b.getCache().evictAllRegions();
        try (Session parent = a.openSession();
                Session child = childOf(parent)) {
            parent.beginTransaction();
            child.find(LooseItem.class, 1L).name = "never";
            child.flush();
            b.getCache().evictAllRegions();
            assertThat(parent.find(LooseItem.class, 1L).name).isEqualTo("never");
            assertThat(b.<String>fromSession(session -> session.find(LooseItem.class, 1L).name))
                    .isEqualTo("one");
            parent.getTransaction().rollback();
        }
        assertThat(b.<String>fromSession(session -> session.find(LooseItem.class, 1L).name))
                .isEqualTo("one");
    }

    /** The database shows it what there was when its parent first asked. */
    @Test
    void itSeesTheDatabaseAsOldAsItsParent() {
        try (Session parent = a.openSession()) {
            parent.beginTransaction();
            assertThat(parent.createNativeQuery("select name from LooseItem where id = 1", String.class)
                            .getSingleResult())
                    .isEqualTo("one");
            b.inTransaction(session -> session.find(LooseItem.class, 1L).name = "new");
            try (Session child = childOf(parent)) {
                assertThat(child.find(LooseItem.class, 1L).name).isEqualTo("one");
            }
            parent.getTransaction().commit();
        }
        assertThat(b.<String>fromSession(session -> session.find(LooseItem.class, 1L).name))
                .isEqualTo("new");
    }
}
