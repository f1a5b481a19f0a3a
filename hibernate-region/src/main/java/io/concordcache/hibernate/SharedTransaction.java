package io.concordcache.hibernate;

import jakarta.transaction.RollbackException;
import jakarta.transaction.Synchronization;
import jakarta.transaction.SystemException;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.hibernate.cache.CacheException;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.engine.transaction.jta.platform.spi.JtaPlatform;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.hibernate.service.spi.ServiceRegistryImplementor;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of the database and the sessions in it: one with those that share its connection, or all that a session
 * factory has in one JTA transaction. Each may read what another has flushed, which is nothing for the cache, and sees the
 * database as old as the first of them.
 */
final class SharedTransaction {
    private final long began;
    private final CopyOnWriteArrayList<TransactionSync> changed = new CopyOnWriteArrayList<>();

    SharedTransaction(long began) {
        this.began = began;
    }

    long began() {
        return began;
    }

    /** The session changes something. */
    void changes(TransactionSync session) {
        changed.addIfAbsent(session);
    }

    void settled(TransactionSync session) {
        changed.remove(session);
    }

    /** A session that has changed something and for which it is so, null if there is none. */
    @Nullable
    TransactionSync changedBy(Predicate<TransactionSync> so) {
        return changed.stream().filter(so).findFirst().orElse(null);
    }

    boolean hasChanged() {
        return !changed.isEmpty();
    }

    /** The JTA transactions under way, by their identifiers. */
    static final class OfJta {
        private final Map<Object, SharedTransaction> running = new ConcurrentHashMap<>();

        /** That of a session which joins its transaction now: the JTA transaction of this thread, else one of its own. */
        SharedTransaction joined(SharedSessionContractImplementor session, LongSupplier now) {
            ServiceRegistryImplementor services = session.getFactory().getServiceRegistry();
            SharedTransaction own = new SharedTransaction(now.getAsLong());
            if (!services.requireService(TransactionCoordinatorBuilder.class).isJta()) {
                return own;
            }
            JtaPlatform platform = services.requireService(JtaPlatform.class);
            try {
                Transaction transaction = current(platform);
                if (transaction == null) {
                    return own;
                }
                Object id = platform.getTransactionIdentifier(transaction);
                SharedTransaction first = running.putIfAbsent(id, own);
                if (first != null) {
                    return first;
                }
                forgetAtTheEnd(transaction, id);
                return own;
            } catch (SystemException e) {
                throw new CacheException("the JTA transaction of the session is not known: " + e.getMessage(), e);
            }
        }

        private static @Nullable Transaction current(JtaPlatform platform) throws SystemException {
            TransactionManager manager = platform.retrieveTransactionManager();
            return manager == null ? null : manager.getTransaction();
        }

        private void forgetAtTheEnd(Transaction transaction, Object id) throws SystemException {
            try {
                transaction.registerSynchronization(new Synchronization() {
                    @Override
                    public void beforeCompletion() {
                        // each session is told by Hibernate
                    }

                    @Override
                    public void afterCompletion(int status) {
                        running.remove(id);
                    }
                });
            } catch (RollbackException | IllegalStateException e) {
                running.remove(id); // it ends already, and will not commit what comes now
            }
        }
    }
}
