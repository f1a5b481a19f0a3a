package io.concordcache.raft.node;

import io.concordcache.raft.management.StoreBean;
import io.concordcache.raft.ratis.StoreSettings;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StartException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The stores that are open in this JVM, one for each URI: opened with the first user of the URI, closed with the last,
 * whichever class loaders they have. Thread-safe.
 */
public final class Nodes {
    private static final Map<URI, Node> RUNNING = new ConcurrentHashMap<>();
    /** Held while the store of the URI is opened or closed: each may take long, and wait for the store of another URI. */
    private static final Map<URI, Object> TURNS = new ConcurrentHashMap<>();

    private Nodes() {}

    /** One store and what all its users in this JVM share. */
    public static final class Node implements AutoCloseable {
        private final URI uri;
        private final StoreSettings settings;
        private final CacheStore store;
        private final StoreBean.Registration bean;
        private final Map<Class<?>, Object> shared = new ConcurrentHashMap<>();
        private int users;

        private Node(URI uri, StoreSettings settings) {
            this.uri = uri;
            this.settings = settings;
            this.store = settings.open();
            try {
                this.bean = StoreBean.register(store);
            } catch (RuntimeException e) {
                store.close();
                throw e;
            }
        }

        /** The store; not to be closed by a user of the node. */
        public CacheStore store() {
            return store;
        }

        /**
         * The one instance of a type that all users of this node share. It is forgotten with the store, not closed.
         *
         * @param make makes it for the first who asks, while others who ask wait; must not ask this node itself
         */
        public <T> T shared(Class<T> type, Supplier<T> make) {
            return type.cast(shared.computeIfAbsent(type, unknown -> make.get()));
        }

        /**
         * Ends one use, and with the last one the store; blocks while that closes. To be called once for each
         * {@link #open}.
         */
        @Override
        public void close() {
            synchronized (turn(uri)) {
                users--;
                if (users > 0) {
                    return;
                }
                RUNNING.remove(uri);
                bean.close();
                // Within the lock, so that a member of the same directory starts when this one has ended.
                store.close();
            }
        }
    }

    private static Object turn(URI uri) {
        return TURNS.computeIfAbsent(uri, unknown -> new Object());
    }

    /**
     * The store of a URI, opened if there is none. Blocks until it serves.
     *
     * @param uri what users who want to share the store have in common; the settings alone say how to open it
     * @throws StartException if the store cannot be opened, or is open with other settings; the message says what to do
     */
    public static Node open(URI uri, StoreSettings settings) {
        synchronized (turn(uri)) {
            Node node = RUNNING.get(uri);
            if (node == null) {
                node = new Node(uri, settings);
                RUNNING.put(uri, node);
            } else if (!node.settings.equals(settings)) {
                throw new StartException("the store of " + uri
                        + " is open in this JVM already, with other settings: it has " + node.settings
                        + ", asked for are "
                        + settings + "; use another URI, or the same settings");
            }
            node.users++;
            return node;
        }
    }
}
