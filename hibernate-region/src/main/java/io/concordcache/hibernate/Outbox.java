package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.hibernate.cache.CacheException;
import org.hibernate.engine.jdbc.connections.spi.JdbcConnectionAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.persister.entity.AbstractEntityPersister;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What transactions changed while the store did not acknowledge their locks, written to the database in the same
 * transaction, so that it is known if and only if they committed. Any node that has the store looks there again and again,
 * locks and unlocks in the store what a row names, and deletes it. Doing it twice only costs a miss.
 *
 * <p>On JDBC alone: nothing of it goes through a session, and so through the cache.
 */
final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int AT_A_TIME = 500;
    private static final int QUERY_SECONDS = 10;

    /**
     * What a transaction changed.
     *
     * @param key null for all of the cache
     */
    record Item(String cacheName, @Nullable Bytes key, boolean isSpace) {}

    private record Row(String id, Item item) {}

    private final SessionFactoryImplementor factory;
    private final RegionStore store;
    private final long lockMillis;
    private final String insert;
    private final String select;
    private final String delete;
    private final ScheduledThreadPoolExecutor timer;
    /** On the timer's thread: said once, until it works again. */
    private boolean fails;

    private Outbox(SessionFactoryImplementor factory, RegionStore store, RegionSettings settings) {
        this.factory = factory;
        this.store = store;
        this.lockMillis = settings.lockTimeout().toMillis();
        AbstractEntityPersister row =
                (AbstractEntityPersister) factory.getMappingMetamodel().getEntityDescriptor(OutboxRow.class.getName());
        String table = row.getIdentifierTableName();
        String id = row.getIdentifierColumnNames()[0];
        String columns =
                id + ", " + column(row, "cacheName") + ", " + column(row, "itemKey") + ", " + column(row, "querySpace");
        insert = "insert into " + table + " (" + columns + ") values (?, ?, ?, ?)";
        select = "select " + columns + " from " + table;
        delete = "delete from " + table + " where " + id + " = ?";
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "concord-hibernate-outbox");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static String column(AbstractEntityPersister row, String property) {
        return row.getPropertyColumnNames(property)[0];
    }

    /**
     * Begins to look for rows.
     *
     * @throws CacheException if there is no such table
     */
    static Outbox start(SessionFactoryImplementor factory, RegionStore store, RegionSettings settings) {
        Outbox outbox = new Outbox(factory, store, settings);
        try {
            outbox.read();
        } catch (SQLException e) {
            outbox.close();
            throw new CacheException(
                    RegionSettings.PREFIX + "on-unavailable=outbox needs its table in the database, as "
                            + "hibernate.hbm2ddl.auto or docs/hibernate.md create it: " + e.getMessage(),
                    e);
        }
        long poll = settings.outboxPoll().toMillis();
        var unused = outbox.timer.scheduleWithFixedDelay(outbox::look, poll, poll, TimeUnit.MILLISECONDS);
        return outbox;
    }

    /** Writes, in the transaction of a session, what it changes. */
    void write(SharedSessionContractImplementor session, List<Item> items) {
        Connection connection =
                session.getJdbcCoordinator().getLogicalConnection().getPhysicalConnection();
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (Item item : items) {
                statement.setString(1, UUID.randomUUID().toString());
                statement.setString(2, item.cacheName());
                statement.setBytes(3, item.key() == null ? null : item.key().unwrap());
                statement.setInt(4, item.isSpace() ? 1 : 0);
                statement.addBatch();
            }
            var unused = statement.executeBatch();
        } catch (SQLException e) {
            throw new CacheException(
                    "the second-level cache did not acknowledge what this transaction changes, nor could that be written to"
                            + " the database, so it has to be rolled back: " + e.getMessage(),
                    e);
        }
    }

    /** Looks for rows soon, on another thread. */
    void lookSoon() {
        try {
            timer.execute(this::look);
        } catch (RejectedExecutionException e) {
            // closed; another node will find them
        }
    }

    private void look() {
        try {
            if (store.isUp()) {
                replay();
                fails = false;
            }
        } catch (SQLException | RuntimeException e) {
            if (!fails) {
                LOG.warn(
                        "What transactions changed without a lock is not known to all nodes yet; tried again until it is: {}",
                        e.getMessage());
                LOG.debug("the outbox was not read", e);
            }
            fails = true;
        }
    }

    /**
     * Makes known what was committed so far.
     *
     * @throws StoreException if the store does not acknowledge it; it stays written
     */
    synchronized void replay() throws SQLException {
        List<Row> rows;
        do {
            rows = read();
            if (!rows.isEmpty()) {
                makeKnown(rows.stream().map(Row::item).toList());
                delete(rows);
                LOG.info("Made known {} changes of transactions without a lock", rows.size());
            }
        } while (rows.size() == AT_A_TIME);
    }

    private void makeKnown(List<Item> items) {
        TreeSet<Slot> slots = new TreeSet<>();
        TreeSet<Slot> spaces = new TreeSet<>();
        TreeSet<Long> caches = new TreeSet<>();
        CacheStore all = store.store();
        for (Item item : items) {
            CacheInfo cache = all.cache(item.cacheName());
            if (cache == null) {
                continue; // nothing is cached there
            }
            if (item.key() == null) {
                caches.add(cache.id());
            } else {
                (item.isSpace() ? spaces : slots).add(new Slot(cache.id(), item.key()));
            }
        }
        slots.addAll(spaces);
        LockId lock = store.newLockId();
        Outcome locked = all.execute(new Command.SoftLock(lock, lockMillis, List.copyOf(slots), List.copyOf(caches)));
        if (locked.status() == Outcome.Status.NO_CACHE) {
            throw new CacheException("a region was destroyed meanwhile");
        }
        store.unlock(lock, List.of(), List.copyOf(spaces));
    }

    private List<Row> read() throws SQLException {
        return withConnection(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(select)) {
                statement.setMaxRows(AT_A_TIME);
                statement.setQueryTimeout(QUERY_SECONDS);
                List<Row> rows = new ArrayList<>();
                try (ResultSet found = statement.executeQuery()) {
                    while (found.next()) {
                        byte[] key = found.getBytes(3);
                        Bytes item = key == null ? null : Bytes.wrap(key);
                        rows.add(new Row(found.getString(1), new Item(found.getString(2), item, found.getInt(4) == 1)));
                    }
                }
                return rows;
            }
        });
    }

    private void delete(List<Row> rows) throws SQLException {
        var unused = withConnection(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(delete)) {
                statement.setQueryTimeout(QUERY_SECONDS);
                for (Row row : rows) {
                    statement.setString(1, row.id());
                    statement.addBatch();
                }
                return statement.executeBatch();
            }
        });
    }

    private interface Work<T> {
        T of(Connection connection) throws SQLException;
    }

    private <T> T withConnection(Work<T> work) throws SQLException {
        JdbcConnectionAccess access = factory.getJdbcServices().getBootstrapJdbcConnectionAccess();
        Connection connection = access.obtainConnection();
        try {
            T result = work.of(connection);
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
            return result;
        } finally {
            access.releaseConnection(connection);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
