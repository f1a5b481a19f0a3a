package io.concordcache.hibernate;

import static io.concordcache.hibernate.Databases.selects;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.ReadLevel;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.BootstrapServiceRegistryBuilder;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two versions of an application side by side, in which a class of the same name is not the same. */
class RollingUpgradeTest {
    private static final String BEFORE = "String name;";
    /** The new attribute sorts before the old, and a table of its own is there. */
    private static final String AFTER = """
            Integer amount = 7;
            String name;
            @jakarta.persistence.ElementCollection
            @org.hibernate.annotations.Cache(usage = org.hibernate.annotations.CacheConcurrencyStrategy.READ_WRITE)
            java.util.List<String> tags = new java.util.ArrayList<>(java.util.List.of("tag"));
            """;

    private final Databases database = new Databases();
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    Path directory;

    /** An application with its own classes. */
    private record Application(SessionFactory factory, Class<?> product) {
        void persist(long id, String name) {
            factory.inTransaction(session -> {
                try {
                    var constructor = product.getDeclaredConstructor(long.class, String.class);
                    session.persist(constructor.newInstance(id, name));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        String name(long id) {
            return factory.fromSession(session -> String.valueOf((Object) session.find(product, id)));
        }

        List<String> names() {
            return factory.fromSession(session -> session.createQuery("select name from Product", String.class)
                    .setCacheable(true)
                    .list());
        }

        @SuppressWarnings("deprecation") // 6.6 has no other way
        String ofCode(String code) {
            return factory.fromSession(session ->
                    String.valueOf((Object) session.bySimpleNaturalId(product).load(code)));
        }

        void rename(long id, String name) {
            factory.inTransaction(session -> {
                Object found = session.find(product, id);
                try {
                    product.getDeclaredMethod("rename", String.class).invoke(found, name);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    private static String source(String attributes) {
        return """
                package shop;
                @jakarta.persistence.Entity
                @jakarta.persistence.Cacheable
                @org.hibernate.annotations.Cache(usage = org.hibernate.annotations.CacheConcurrencyStrategy.READ_WRITE)
                @org.hibernate.annotations.NaturalIdCache
                public class Product {
                    @jakarta.persistence.Id
                    long id;
                    @org.hibernate.annotations.NaturalId
                    String code;
                    ATTRIBUTES
                    public Product() {}
                    public Product(long id, String name) {
                        this.id = id;
                        this.code = "code " + id;
                        this.name = name;
                    }
                    public void rename(String name) {
                        this.name = name;
                    }
                    @Override
                    public String toString() {
                        return name;
                    }
                }
                """.replace("ATTRIBUTES", attributes);
    }

    private Application start(String attributes, Map<String, String> more) throws Exception {
        Path home = Files.createTempDirectory(directory, "application");
        Path file = Files.writeString(home.resolve("Product.java"), source(attributes));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-d", home.toString(), file.toString());
        assertThat(failed).isZero();
        URLClassLoader loader =
                new URLClassLoader(new URL[] {home.toUri().toURL()}, getClass().getClassLoader());
        Class<?> product = loader.loadClass("shop.Product");
        StandardServiceRegistryBuilder registry = new StandardServiceRegistryBuilder(
                        new BootstrapServiceRegistryBuilder()
                                .applyClassLoader(loader)
                                .build())
                .applySetting("hibernate.connection.url", database.url())
                .applySetting("hibernate.hbm2ddl.auto", "update")
                .applySetting("hibernate.cache.use_query_cache", "true")
                .applySetting("hibernate.generate_statistics", "true")
                .applySetting("hibernate.cache.region.factory_class", "concord")
                .applySetting("hibernate.cache.concord.store", store);
        more.forEach(registry::applySetting);
        SessionFactory factory = new MetadataSources(registry.build())
                .addAnnotatedClass(product)
                .buildMetadata()
                .buildSessionFactory();
        opened.add(0, loader);
        opened.add(0, factory);
        return new Application(factory, product);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        store.close();
    }

    private static void readsAndCaches(Application application, String name) {
        for (int round = 0; round < 3; round++) {
            assertThat(application.name(1)).isEqualTo(name);
            assertThat(application.ofCode("code 1")).isEqualTo(name);
            assertThat(application.names()).containsExactly(name);
        }
        assertThat(selects(application.factory, () -> {
                    assertThat(application.name(1)).isEqualTo(name);
                    assertThat(application.ofCode("code 1")).isEqualTo(name);
                    assertThat(application.names()).containsExactly(name);
                }))
                .isZero();
    }

    private static void eachSeesWhatTheOtherCommits(Application old, Application next) {
        old.persist(1, "one");
        readsAndCaches(old, "one");
        readsAndCaches(next, "one");
        readsAndCaches(old, "one");
        next.rename(1, "two");
        readsAndCaches(old, "two");
        readsAndCaches(next, "two");
        old.rename(1, "three");
        readsAndCaches(next, "three");
        old.factory.inTransaction(session ->
                session.createMutationQuery("update Product set name = 'bulk'").executeUpdate());
        readsAndCaches(next, "bulk");
        next.factory.getCache().evictAllRegions();
        old.factory.inTransaction(session -> session.remove(session.find(old.product, 1L)));
        assertThat(next.name(1)).isEqualTo("null");
        assertThat(next.ofCode("code 1")).isEqualTo("null");
        assertThat(next.names()).isEmpty();
    }

    @Test
    void versionsWithNamespacesSeeEachOthersCommitsAndNotTheirState() throws Exception {
        eachSeesWhatTheOtherCommits(
                start(BEFORE, Map.of("hibernate.cache.concord.namespace", "1")),
                start(AFTER, Map.of("hibernate.cache.concord.namespace", "2")));
    }

    /** What was mapped differently is not read, whether somebody thought of it or not. */
    @Test
    void versionsWithoutNamespacesToo() throws Exception {
        eachSeesWhatTheOtherCommits(start(BEFORE, Map.of()), start(AFTER, Map.of()));
    }

    /** Of a class that nobody has changed there is one state. */
    @Test
    void versionsShareWhatIsTheSameInBoth() throws Exception {
        Application old = start(BEFORE, Map.of());
        Application next = start(BEFORE, Map.of());
        old.persist(1, "one");
        assertThat(selects(next.factory, () -> assertThat(next.name(1)).isEqualTo("one")))
                .isZero();
    }

    /** Values of another version of Hibernate look so. */
    @Test
    void aValueWithAnotherTagIsAMissAndIsReplaced() throws Exception {
        Application application = start(AFTER, Map.of());
        application.persist(1, "one");
        readsAndCaches(application, "one");
        for (CacheInfo cache : store.caches()) {
            Iterator<Bytes> keys = store.keys(cache.id(), ReadLevel.LINEARIZABLE);
            while (keys.hasNext()) {
                var key = keys.next();
                Entry entry = store.get(cache.id(), key, ReadLevel.LINEARIZABLE);
                byte[] bytes = entry.value().unwrap().clone();
                if (bytes.length > 0) { // timestamps of tables are empty
                    bytes[0]++;
                    store.execute(new Command.Write(
                            cache.id(), key, Condition.ANY, new Mutation.Put(Bytes.wrap(bytes), Expiry.BY_RULE)));
                }
            }
        }
        assertThat(selects(
                        application.factory,
                        () -> assertThat(application.name(1)).isEqualTo("one")))
                .isPositive();
        readsAndCaches(application, "one");
    }

    /**
     * How the cache comes to entities of an application that runs: first nodes that tell of what they write, and neither
     * read nor store.
     */
    @Test
    void nodesThatOnlyInvalidateTellOfWhatTheyWrite() throws Exception {
        Application first = start(BEFORE, Map.of("hibernate.cache.concord.invalidate-only", "true"));
        Application next = start(BEFORE, Map.of());
        first.persist(1, "one");
        assertThat(first.name(1)).isEqualTo("one");
        assertThat(store.size(store.cache("hibernate:shop.Product").id())).isZero();
        readsAndCaches(next, "one");
        first.rename(1, "two");
        readsAndCaches(next, "two");
        assertThat(selects(first.factory, () -> assertThat(first.name(1)).isEqualTo("two")))
                .isEqualTo(1);
    }
}
