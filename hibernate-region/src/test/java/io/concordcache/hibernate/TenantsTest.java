package io.concordcache.hibernate;

import static io.concordcache.hibernate.Databases.selects;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.local.LocalStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tenants, each with a database of its own, or told apart by a column. */
class TenantsTest {
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private SessionFactory a;
    private SessionFactory b;

    /** The tenant {@code root} sees all, where a column tells them apart. */
    private static final class Resolver implements CurrentTenantIdentifierResolver<String> {
        @Override
        public String resolveCurrentTenantIdentifier() {
            return "x";
        }

        @Override
        public boolean validateExistingCurrentSessions() {
            return false;
        }

        @Override
        public boolean isRoot(String tenant) {
            return tenant.equals("root");
        }
    }

    private static final class DatabaseOfTenant implements MultiTenantConnectionProvider<String> {
        private static final long serialVersionUID = 1;

        private final String name = UUID.randomUUID().toString();

        @Override
        public Connection getConnection(String tenant) throws SQLException {
            return DriverManager.getConnection("jdbc:h2:mem:" + name + tenant + ";DB_CLOSE_DELAY=-1");
        }

        @Override
        public Connection getAnyConnection() throws SQLException {
            return getConnection("x");
        }

        @Override
        public void releaseAnyConnection(Connection connection) throws SQLException {
            connection.close();
        }

        @Override
        public void releaseConnection(String tenant, Connection connection) throws SQLException {
            connection.close();
        }

        @Override
        public boolean supportsAggressiveRelease() {
            return false;
        }

        @Override
        public boolean isUnwrappableAs(Class<?> type) {
            return false;
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            throw new UnsupportedOperationException();
        }
    }

    private void open(boolean databases, Class<?>... entities) {
        Databases database = new Databases();
        Map<String, Object> settings = new HashMap<>();
        settings.put("hibernate.cache.region.factory_class", "concord");
        settings.put("hibernate.cache.concord.store", store);
        settings.put("hibernate.tenant_identifier_resolver", new Resolver());
        if (databases) {
            settings.put("hibernate.multi_tenant_connection_provider", new DatabaseOfTenant());
        }
        a = database.open(settings, entities);
        b = database.open(settings, entities);
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        store.close();
    }

    private static <T> T read(SessionFactory factory, String tenant, Function<Session, T> work) {
        try (Session session =
                factory.withOptions().tenantIdentifier((Object) tenant).openSession()) {
            return work.apply(session);
        }
    }

    private static void write(SessionFactory factory, String tenant, Consumer<Session> work) {
        try (Session session =
                factory.withOptions().tenantIdentifier((Object) tenant).openSession()) {
            session.beginTransaction();
            work.accept(session);
            session.getTransaction().commit();
        }
    }

    private static String name(SessionFactory factory, String tenant) {
        return read(factory, tenant, session -> {
            Item item = session.find(Item.class, 1L);
            return item == null ? "none" : item.name;
        });
    }

    private static List<String> names(SessionFactory factory, String tenant, String entity) {
        return read(
                factory,
                tenant,
                session -> session.createQuery("select name from " + entity + " order by id", String.class)
                        .setCacheable(true)
                        .list());
    }

    @SuppressWarnings("deprecation") // 6.6 has no other way
    private static Long idOf(SessionFactory factory, String tenant, String number) {
        return read(factory, tenant, session -> {
            Order order = session.bySimpleNaturalId(Order.class).load(number);
            return order == null ? null : order.id;
        });
    }

    private static List<String> notes(SessionFactory factory, String tenant, long id) {
        return read(factory, tenant, session -> List.copyOf(session.find(Order.class, id).notes));
    }

    @Test
    void theSameIdInTwoDatabasesIsTwoEntities() {
        open(true, Item.class, Order.class);
        // the schema of x was made with the session factory
        write(a, "y", session -> session.doWork(TenantsTest::createSchema));
        for (String tenant : List.of("x", "y")) {
            write(a, tenant, session -> {
                session.persist(new Item(1, "of " + tenant));
                Order order = new Order(tenant.equals("x") ? 1 : 2, "A-1");
                order.notes.add("of " + tenant);
                session.persist(order);
                if (tenant.equals("y")) {
                    Order same = new Order(1, "B-1");
                    same.notes.add("of y");
                    session.persist(same);
                }
            });
        }
        for (int round = 0; round < 2; round++) {
            assertThat(name(b, "x")).isEqualTo("of x");
            assertThat(name(b, "y")).isEqualTo("of y");
            assertThat(names(b, "x", "Item")).containsExactly("of x");
            assertThat(names(b, "y", "Item")).containsExactly("of y");
            assertThat(idOf(b, "x", "A-1")).isEqualTo(1);
            assertThat(idOf(b, "y", "A-1")).isEqualTo(2);
            assertThat(idOf(b, "x", "B-1")).isNull();
            assertThat(notes(b, "x", 1)).containsExactly("of x");
            assertThat(notes(b, "y", 1)).containsExactly("of y");
        }
        write(a, "x", session -> session.find(Item.class, 1L).name = "new");
        assertThat(selects(b, () -> {
                    assertThat(name(b, "x")).isEqualTo("new");
                    assertThat(name(b, "y")).isEqualTo("of y");
                }))
                .isZero();
        write(a, "y", session -> session.remove(session.find(Item.class, 1L)));
        assertThat(name(b, "y")).isEqualTo("none");
        assertThat(name(b, "x")).isEqualTo("new");
    }

    private static void createSchema(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("create table Item (id bigint primary key, name varchar(255), color tinyint)");
            statement.execute("create table purchase (id bigint primary key, number varchar(255) unique)");
            statement.execute("create table purchase_Item (Order_id bigint, items_id bigint)");
            statement.execute("create table Order_notes (Order_id bigint, notes varchar(255))");
        }
    }

    private static String tenantItem(SessionFactory factory, String tenant, long id) {
        return read(factory, tenant, session -> {
            TenantItem item = session.find(TenantItem.class, id);
            return item == null ? "none" : item.name + item.notes;
        });
    }

    @SuppressWarnings("deprecation") // 6.6 has no other way
    private static Long idOfCode(SessionFactory factory, String tenant, String code) {
        return read(factory, tenant, session -> {
            TenantItem item = session.bySimpleNaturalId(TenantItem.class).load(code);
            return item == null ? null : item.id;
        });
    }

    private void openWithColumn() {
        open(false, TenantItem.class);
        write(a, "x", session -> session.persist(new TenantItem(1, "X", "one")));
        write(a, "y", session -> session.persist(new TenantItem(2, "Y", "two")));
    }

    @Test
    void whatIsOfOneTenantIsNotFoundByAnother() {
        openWithColumn();
        for (int round = 0; round < 2; round++) {
            assertThat(tenantItem(b, "x", 1)).isEqualTo("one[of one]");
            assertThat(tenantItem(b, "y", 1)).isEqualTo("none");
            assertThat(idOfCode(b, "x", "X")).isEqualTo(1);
            assertThat(idOfCode(b, "y", "X")).isNull();
            assertThat(names(b, "x", "TenantItem")).containsExactly("one");
            assertThat(names(b, "y", "TenantItem")).containsExactly("two");
        }
        assertThat(selects(b, () -> assertThat(tenantItem(b, "x", 1)).isEqualTo("one[of one]")))
                .isZero();
    }

    /** It writes what the keys of others name. */
    @Test
    void whatTheRootTenantWritesItsOwnersRead() {
        openWithColumn();
        assertThat(tenantItem(b, "x", 1)).isEqualTo("one[of one]");
        assertThat(names(b, "x", "TenantItem")).containsExactly("one");
        assertThat(names(b, "root", "TenantItem")).containsExactly("one", "two");
        write(a, "root", session -> {
            TenantItem item = session.find(TenantItem.class, 1L);
            item.name = "new";
            item.notes.set(0, "new");
        });
        assertThat(tenantItem(b, "x", 1)).isEqualTo("new[new]");
        assertThat(names(b, "x", "TenantItem")).containsExactly("new");
    }

    @Test
    void theRootTenantReadsWhatOthersHaveWritten() {
        openWithColumn();
        assertThat(tenantItem(b, "root", 1)).isEqualTo("one[of one]");
        assertThat(names(b, "root", "TenantItem")).containsExactly("one", "two");
        write(a, "x", session -> {
            TenantItem item = session.find(TenantItem.class, 1L);
            item.name = "new";
            item.notes.set(0, "new");
        });
        assertThat(tenantItem(b, "root", 1)).isEqualTo("new[new]");
        assertThat(names(b, "root", "TenantItem")).containsExactly("new", "two");
    }
}
