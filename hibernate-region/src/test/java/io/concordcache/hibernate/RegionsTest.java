package io.concordcache.hibernate;

import static io.concordcache.hibernate.Databases.selects;
import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.local.LocalStore;
import jakarta.persistence.Cacheable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.NaturalIdCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Regions that hold several things, structured entries, prefixes, and several session factories. */
class RegionsTest {
    private final Databases database = new Databases();
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private final List<SessionFactory> opened = new ArrayList<>();

    @Entity(name = "Article")
    @Cacheable
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE, region = "all")
    @NaturalIdCache(region = "all")
    static class Article {
        @Id
        long id;

        @NaturalId(mutable = true)
        String code;

        String name;

        @ElementCollection
        @Cache(usage = CacheConcurrencyStrategy.NONSTRICT_READ_WRITE, region = "all")
        List<String> notes = new ArrayList<>();
    }

    @Entity(name = "Constant")
    @Cacheable
    @Cache(usage = CacheConcurrencyStrategy.READ_ONLY, region = "all")
    static class Constant {
        @Id
        long id;

        String name;
    }

    @Entity(name = "Remark")
    @Cacheable
    @Cache(usage = CacheConcurrencyStrategy.NONSTRICT_READ_WRITE, region = "all")
    static class Remark {
        @Id
        long id;

        String name;
    }

    private SessionFactory open(Map<String, ?> more) {
        return open(database, more);
    }

    private SessionFactory open(Databases database, Map<String, ?> more) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("hibernate.cache.region.factory_class", "concord");
        settings.put("hibernate.cache.concord.store", store);
        settings.putAll(more);
        SessionFactory factory = database.open(
                settings, Item.class, Order.class, Article.class, Constant.class, Remark.class, VersionedItem.class);
        opened.add(factory);
        return factory;
    }

    @AfterEach
    void close() {
        opened.forEach(SessionFactory::close);
        store.close();
    }

    private static void persistAll(SessionFactory factory) {
        factory.inTransaction(session -> {
            Article article = new Article();
            article.id = 1;
            article.code = "A";
            article.name = "article";
            article.notes.add("note");
            session.persist(article);
            Constant constant = new Constant();
            constant.id = 1;
            constant.name = "constant";
            session.persist(constant);
            Remark remark = new Remark();
            remark.id = 1;
            remark.name = "remark";
            session.persist(remark);
        });
    }

    @SuppressWarnings("deprecation") // 6.6 has no other way
    private static String all(SessionFactory factory) {
        return factory.fromSession(session -> {
            Article article = session.find(Article.class, 1L);
            Article byCode = session.bySimpleNaturalId(Article.class).load(article.code);
            return article.name
                    + article.notes
                    + (byCode == article)
                    + session.find(Constant.class, 1L).name
                    + session.find(Remark.class, 1L).name
                    + session.createQuery("select name from Article", String.class)
                            .setCacheable(true)
                            .setCacheRegion("all")
                            .list();
        });
    }

    private static void readsFromTheCache(SessionFactory factory, String what) {
        for (int round = 0; round < 3; round++) {
            assertThat(all(factory)).isEqualTo(what);
        }
        assertThat(selects(factory, () -> assertThat(all(factory)).isEqualTo(what)))
                .isZero();
    }

    private static final String BEFORE = "article[note]trueconstantremark[article]";

    @Test
    void oneRegionHoldsAllKindsAndAccessTypes() {
        SessionFactory a = open(Map.of());
        SessionFactory b = open(Map.of());
        persistAll(a);
        readsFromTheCache(b, BEFORE);
        a.inTransaction(session -> {
            Article article = session.find(Article.class, 1L);
            article.code = "B";
            article.name = "new";
            article.notes.set(0, "other");
            session.find(Remark.class, 1L).name = "changed";
        });
        readsFromTheCache(b, "new[other]trueconstantchanged[new]");
        readsFromTheCache(a, "new[other]trueconstantchanged[new]");
        a.inTransaction(session ->
                session.createMutationQuery("update Remark set name = 'bulk'").executeUpdate());
        readsFromTheCache(b, "new[other]trueconstantbulk[new]");
        b.getCache().evictRegion("all");
        assertThat(selects(a, () -> all(a))).isPositive();
        readsFromTheCache(a, "new[other]trueconstantbulk[new]");
    }

    @Test
    void structuredEntriesAreCached() {
        Map<String, Object> structured = Map.of("hibernate.cache.use_structured_entries", "true");
        SessionFactory a = open(structured);
        SessionFactory b = open(structured);
        persistAll(a);
        a.inTransaction(session -> session.persist(new VersionedItem(1, "one")));
        readsFromTheCache(b, BEFORE);
        a.inTransaction(session -> {
            session.find(Article.class, 1L).name = "new";
            session.find(Article.class, 1L).notes.add("more");
            session.find(VersionedItem.class, 1L).name = "two";
        });
        readsFromTheCache(b, "new[note, more]trueconstantremark[new]");
        assertThat(selects(
                        b,
                        () -> b.inSession(session -> {
                            assertThat(session.find(VersionedItem.class, 1L).name)
                                    .isEqualTo("two");
                            assertThat(session.find(VersionedItem.class, 1L).version)
                                    .isEqualTo(1);
                        })))
                .isZero();
    }

    /** The one writes maps, the other its own records. */
    @Test
    void structuredEntriesAndOthersDoNotMeet() {
        SessionFactory a = open(Map.of("hibernate.cache.use_structured_entries", "true"));
        SessionFactory b = open(Map.of());
        persistAll(a);
        assertThat(all(b)).isEqualTo(BEFORE);
        assertThat(all(a)).isEqualTo(BEFORE);
        a.inTransaction(session -> session.find(Article.class, 1L).name = "new");
        assertThat(all(b)).startsWith("new");
        b.inTransaction(session -> session.find(Article.class, 1L).name = "newer");
        assertThat(all(a)).startsWith("newer");
    }

    private static String name(SessionFactory factory) {
        return factory.fromSession(session -> session.find(Item.class, 1L).name);
    }

    private static List<String> names(SessionFactory factory) {
        return factory.fromSession(session -> session.createQuery("select name from Item", String.class)
                .setCacheable(true)
                .list());
    }

    @Test
    void factoriesWithTheSamePrefixShareTheirRegions() {
        SessionFactory a = open(Map.of("hibernate.cache.region_prefix", "shop"));
        SessionFactory b = open(Map.of("hibernate.cache.region_prefix", "shop"));
        a.inTransaction(session -> session.persist(new Item(1, "one")));
        assertThat(store.caches())
                .extracting((CacheInfo info) -> info.definition().name())
                .contains("hibernate:shop." + Item.class.getName())
                .allMatch(name -> name.startsWith("hibernate:shop."));
        assertThat(selects(b, () -> assertThat(name(b)).isEqualTo("one"))).isZero();
        names(b);
        b.inTransaction(session -> session.find(Item.class, 1L).name = "new");
        assertThat(selects(a, () -> assertThat(name(a)).isEqualTo("new"))).isZero();
        assertThat(names(a)).containsExactly("new");
    }

    /** As those of two databases in one store must be. */
    @Test
    void factoriesWithOtherPrefixesAreApart() {
        SessionFactory a = open(Map.of("hibernate.cache.region_prefix", "shop"));
        SessionFactory b = open(new Databases(), Map.of("hibernate.cache.region_prefix", "stock"));
        a.inTransaction(session -> session.persist(new Item(1, "of shop")));
        b.inTransaction(session -> session.persist(new Item(1, "of stock")));
        for (int round = 0; round < 2; round++) {
            assertThat(name(a)).isEqualTo("of shop");
            assertThat(name(b)).isEqualTo("of stock");
            assertThat(names(a)).containsExactly("of shop");
            assertThat(names(b)).containsExactly("of stock");
        }
        b.inTransaction(session -> session.find(Item.class, 1L).name = "new");
        assertThat(selects(a, () -> assertThat(name(a)).isEqualTo("of shop"))).isZero();
        a.getCache().evictAllRegions();
        assertThat(selects(b, () -> assertThat(name(b)).isEqualTo("new"))).isZero();
    }

    @Test
    void factoriesOfOneUriShareTheStoreUntilTheLastIsClosed() {
        Map<String, Object> settings = Map.of(
                "hibernate.cache.region.factory_class",
                "concord",
                "hibernate.cache.concord.uri",
                "concord:local?cluster.name=regions-test");
        SessionFactory a = database.open(settings);
        SessionFactory b = database.open(settings);
        opened.add(b);
        a.inTransaction(session -> session.persist(new Item(1, "one")));
        assertThat(selects(b, () -> assertThat(name(b)).isEqualTo("one"))).isZero();
        a.close();
        b.inTransaction(session -> session.find(Item.class, 1L).name = "new");
        assertThat(selects(b, () -> assertThat(name(b)).isEqualTo("new"))).isZero();
        SessionFactory c = database.open(settings);
        opened.add(c);
        assertThat(selects(c, () -> assertThat(name(c)).isEqualTo("new"))).isZero();
    }
}
