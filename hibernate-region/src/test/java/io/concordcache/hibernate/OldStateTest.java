package io.concordcache.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.local.LocalStore;
import io.concordcache.raft.store.StoreUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.Version;
import org.hibernate.query.NativeQuery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions after which something was left in the cache that the database did not have any more. */
class OldStateTest {
    private final LocalStore store = new LocalStore(System::currentTimeMillis);
    private SessionFactory factory;

    /** A store that evictions after the commit do not reach. */
    private static final class WithoutEvictions extends ForwardingStore {
        private boolean locked;

        WithoutEvictions(LocalStore store) {
            super(store);
        }

        @Override
        public Outcome execute(Command command) {
            locked = command instanceof Command.SoftLock || (locked && !(command instanceof Command.SoftUnlock));
            if (locked && command instanceof Command.Invalidate) {
                throw new StoreUnavailableException("not sent");
            }
            return super.execute(command);
        }
    }

    @BeforeEach
    void open() {
        factory = new Databases()
                .open(Map.of(
                        "hibernate.cache.region.factory_class",
                        "concord",
                        "hibernate.cache.concord.store",
                        new WithoutEvictions(store)));
        write(session -> {
            Order order = new Order(1, "A-1");
            order.notes.add("first");
            session.persist(order);
        });
        assertThat(idOf("A-1")).isEqualTo(1);
        assertThat(notes()).containsExactly("first");
    }

    @AfterEach
    void close() {
        factory.close();
        store.close();
    }

    private void write(Consumer<Session> work) {
        factory.inTransaction(work);
    }

    @SuppressWarnings("deprecation") // the way since 7.3 is not in 6.6
    private Long idOf(String number) {
        return factory.fromSession(session -> {
            Order found = session.bySimpleNaturalId(Order.class).load(number);
            return found == null ? null : found.id;
        });
    }

    private List<String> notes() {
        return factory.fromSession(session -> List.copyOf(session.find(Order.class, 1L).notes));
    }

    @Test
    void anEntityThatIsInsertedAndDeletedIsGone() {
        write(session -> {
            Item item = new Item(1, "one");
            session.persist(item);
            session.flush();
            session.remove(item);
        });
        assertThat(factory.<Item>fromSession(session -> session.find(Item.class, 1L)))
                .isNull();
    }

    @Test
    void anEntityThatIsChangedAndDeletedIsGone() {
        write(session -> session.persist(new Item(1, "one")));
        write(session -> {
            Item item = session.find(Item.class, 1L);
            item.name = "two";
            session.flush();
            session.remove(item);
        });
        assertThat(factory.<Item>fromSession(session -> session.find(Item.class, 1L)))
                .isNull();
    }

    @Test
    void aNaturalIdThatIsChangedTwiceIsGone() {
        write(session -> {
            Order order = session.find(Order.class, 1L);
            order.number = "B-1";
            session.flush();
            order.number = "C-1";
        });
        assertThat(idOf("A-1")).isNull();
        assertThat(idOf("B-1")).isNull();
        assertThat(idOf("C-1")).isEqualTo(1);
    }

    @Test
    void aNaturalIdThatIsInsertedAndChangedIsGone() {
        write(session -> {
            Order order = new Order(2, "A-2");
            session.persist(order);
            session.flush();
            order.number = "B-2";
        });
        assertThat(idOf("A-2")).isNull();
        assertThat(idOf("B-2")).isEqualTo(2);
    }

    /** Hibernate evicts it before and after the commit; the one is too early, the other may fail. */
    @Test
    void theNaturalIdOfWhatIsDeletedIsGone() {
        write(session -> {
            session.remove(session.find(Order.class, 1L));
            session.flush();
            assertThat(idOf("A-1")).isEqualTo(1);
        });
        write(session -> session.persist(new Order(1, "B-1")));
        assertThat(idOf("A-1")).isNull();
    }

    /** Hibernate deletes it, but clears only caches of collections in which the entity is an element. */
    @Test
    void theCollectionOfWhatABulkStatementDeletesIsGone() {
        factory.inSession(session -> {
            Order order = session.find(Order.class, 1L);
            write(other ->
                    other.createMutationQuery("delete from Order where id = 1").executeUpdate());
            assertThat(order.notes).isEmpty();
        });
    }

    @Test
    void aCollectionThatANativeStatementChangesIsGone() {
        write(session -> ((NativeQuery<?>) session.createNativeMutationQuery("delete from Order_notes"))
                .addSynchronizedEntityClass(Order.class)
                .executeUpdate());
        assertThat(notes()).isEmpty();
    }

    private void writeStateless(Consumer<StatelessSession> work) {
        assumeFalse(Version.getVersionString().startsWith("6."));
        factory.inStatelessTransaction(work);
    }

    @Test
    void aNaturalIdThatAStatelessSessionChangesIsGone() {
        writeStateless(session -> {
            Order order = session.get(Order.class, 1L);
            order.number = "B-1";
            session.update(order);
        });
        assertThat(idOf("A-1")).isNull();
        assertThat(idOf("B-1")).isEqualTo(1);
    }

    @Test
    void theNaturalIdOfWhatAStatelessSessionDeletesIsGone() {
        writeStateless(session -> {
            Order order = session.get(Order.class, 1L);
            session.fetch(order.notes);
            session.delete(order);
        });
        write(session -> session.persist(new Order(1, "B-1")));
        assertThat(idOf("A-1")).isNull();
    }

    @Test
    void aNaturalIdThatAStatelessSessionUpsertsIsGone() {
        writeStateless(session -> session.upsert(new Order(1, "B-1")));
        assertThat(idOf("A-1")).isNull();
    }
}
