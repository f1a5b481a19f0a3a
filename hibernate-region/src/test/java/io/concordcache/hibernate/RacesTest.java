package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The races of two nodes that leave old data in a shared cache when it is used by Hibernate's own classes: a reader has
 * read the database, and what it read arrives in the cache after a writer has committed and put the new state there. The
 * stock classes on a linearizable map are the negative control: they must lose each of them, or the test shows nothing.
 */
class RacesTest {
    private SlowPuts nodes;

    /** Which cache is between Hibernate and the store. */
    enum Cache {
        CONCORD,
        STOCK
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    private SessionFactory reader() {
        return nodes.reader();
    }

    private SessionFactory writer() {
        return nodes.writer();
    }

    /** What a later session reads, of either node, is old if the race is lost. */
    private void check(Cache cache, Function<Session, String> read) {
        String onReader = reader().fromSession(read::apply);
        String onWriter = writer().fromSession(read::apply);
        if (cache == Cache.CONCORD) {
            assertThat(List.of(onReader, onWriter)).containsExactly("new", "new");
        } else {
            assertThat(List.of(onReader, onWriter)).contains("old");
        }
    }

    private void race(Cache cache, Function<Session, String> read, Consumer<Session> write) throws Exception {
        nodes = SlowPuts.open(cache);
        writer().inTransaction(session -> {
            session.persist(new Item(1, "old"));
            session.persist(new VersionedItem(1, "old"));
            session.persist(new LooseItem(1, "old"));
        });
        writer().getCache().evictAllRegions();
        nodes.holdPutsOfReader();
        CompletableFuture<String> slow = CompletableFuture.supplyAsync(() -> reader().fromSession(read::apply));
        nodes.awaitHeldPut();
        writer().inTransaction(write::accept);
        nodes.release();
        assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo("old");
        nodes.awaitQuiet();
        check(cache, read);
    }

    @ParameterizedTest
    @EnumSource
    void anUnversionedLoadArrivesAfterTheCommit(Cache cache) throws Exception {
        race(cache, session -> session.find(Item.class, 1L).name, session -> session.find(Item.class, 1L).name = "new");
    }

    @ParameterizedTest
    @EnumSource
    void aVersionedLoadArrivesAfterTheCommit(Cache cache) throws Exception {
        race(
                cache,
                session -> session.find(VersionedItem.class, 1L).name,
                session -> session.find(VersionedItem.class, 1L).name = "new");
    }

    @ParameterizedTest
    @EnumSource
    void aNonstrictLoadArrivesAfterTheCommit(Cache cache) throws Exception {
        race(
                cache,
                session -> session.find(LooseItem.class, 1L).name,
                session -> session.find(LooseItem.class, 1L).name = "new");
    }

    @ParameterizedTest
    @EnumSource
    void aLoadArrivesAfterABulkStatement(Cache cache) throws Exception {
        race(
                cache,
                session -> session.find(Item.class, 1L).name,
                session -> session.createMutationQuery("update Item set name = 'new'")
                        .executeUpdate());
    }

    /** The stock reader's clock is 5 s ahead; here there is but one clock. */
    @ParameterizedTest
    @EnumSource
    void aQueryResultArrivesAfterTheCommit(Cache cache) throws Exception {
        race(
                cache,
                session -> session.createQuery("select name from Item where id = 1", String.class)
                        .setCacheable(true)
                        .uniqueResult(),
                session -> session.createMutationQuery("update Item set name = 'new'")
                        .executeUpdate());
    }
}
