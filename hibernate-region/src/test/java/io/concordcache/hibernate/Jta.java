package io.concordcache.hibernate;

import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.internal.arjuna.objectstore.VolatileStore;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.SystemException;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.h2.jdbcx.JdbcDataSource;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;

/** Narayana, and connections that take part in its transactions: one for all who ask in one transaction, as a pool has it. */
final class Jta {
    private Jta() {}

    static TransactionManager manager() {
        for (String each : new String[] {"default", "communicationStore", "stateStore"}) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, each.equals("default") ? null : each)
                    .setObjectStoreType(VolatileStore.class.getName());
        }
        return com.arjuna.ats.jta.TransactionManager.transactionManager();
    }

    /** A second participant, so that there are two phases; it votes as it is told. */
    static final class Participant implements XAResource {
        private final boolean agrees;

        Participant(boolean agrees) {
            this.agrees = agrees;
        }

        @Override
        public int prepare(Xid xid) throws XAException {
            if (!agrees) {
                throw new XAException(XAException.XA_RBROLLBACK);
            }
            return XA_OK;
        }

        @Override
        public void start(Xid xid, int flags) {}

        @Override
        public void end(Xid xid, int flags) {}

        @Override
        public void commit(Xid xid, boolean onePhase) {}

        @Override
        public void rollback(Xid xid) {}

        @Override
        public void forget(Xid xid) {}

        @Override
        public Xid[] recover(int flag) {
            return new Xid[0];
        }

        @Override
        public boolean isSameRM(XAResource other) {
            return other == this;
        }

        @Override
        public int getTransactionTimeout() {
            return 0;
        }

        @Override
        public boolean setTransactionTimeout(int seconds) {
            return false;
        }
    }

    static final class Connections implements ConnectionProvider {
        private static final long serialVersionUID = 1;

        private final transient JdbcDataSource source = new JdbcDataSource();
        private final transient TransactionManager manager = manager();
        private final transient Map<Transaction, Connection> enlisted = new ConcurrentHashMap<>();

        Connections(String url) {
            source.setURL(url);
        }

        @Override
        public Connection getConnection() throws SQLException {
            try {
                Transaction transaction = manager.getTransaction();
                if (transaction == null) {
                    return source.getConnection();
                }
                Connection known = enlisted.get(transaction);
                if (known != null) {
                    return known;
                }
                boolean active = transaction.getStatus() == Status.STATUS_ACTIVE;
                return active ? enlist(transaction) : source.getConnection();
            } catch (SystemException | RollbackException e) {
                throw new SQLException(e);
            }
        }

        private Connection enlist(Transaction transaction) throws SQLException, SystemException, RollbackException {
            XAConnection xa = source.getXAConnection();
            Connection real = xa.getConnection();
            transaction.enlistResource(xa.getXAResource());
            Connection shared = (Connection) Proxy.newProxyInstance(
                    Jta.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            return null;
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (java.lang.reflect.InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            enlisted.put(transaction, shared);
            transaction.registerSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {}

                @Override
                public void afterCompletion(int status) {
                    enlisted.remove(transaction);
                    try {
                        xa.close();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            return shared;
        }

        @Override
        public void closeConnection(Connection connection) throws SQLException {
            connection.close();
        }

        @Override
        public boolean supportsAggressiveRelease() {
            return true;
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
}
