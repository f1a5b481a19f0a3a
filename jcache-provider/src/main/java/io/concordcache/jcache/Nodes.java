package io.concordcache.jcache;

import io.concordcache.jcache.operation.KeyGates;
import io.concordcache.raft.ratis.StoreSettings;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.StartException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.CacheException;

/**
 * The stores that are open in this JVM, one for each URI: opened with the first manager of the URI, closed with the last,
 * whichever class loaders they have.
 */
final class Nodes {
    private static final Map<URI, Node> RUNNING = new ConcurrentHashMap<>();
    /** Held while the store of the URI is opened or closed: each may take long, and wait for the store of another URI. */
    private static final Map<URI, Object> TURNS = new ConcurrentHashMap<>();

    private Nodes() {}

    /** One store and what all its users in this JVM share. */
    static final class Node implements AutoCloseable {
        private final URI uri;
        private final StoreSettings settings;
        private final CacheStore store;
        private final KeyGates gates = new KeyGates();
        private int users;

        private Node(URI uri, StoreSettings settings) {
            this.uri = uri;
            this.settings = settings;
            this.store = settings.open();
        }

        CacheStore store() {
            return store;
        }

        KeyGates gates() {
            return gates;
        }

        /** Ends one use. To be called once for each {@link #open}. */
        @Override
        public void close() {
            synchronized (turn(uri)) {
                users--;
                if (users > 0) {
                    return;
                }
                RUNNING.remove(uri);
                // Within the lock, so that a member of the same directory starts when this one has ended.
                store.close();
            }
        }
    }

    private static Object turn(URI uri) {
        return TURNS.computeIfAbsent(uri, unknown -> new Object());
    }

    /** The store of a URI, opened if there is none. */
    static Node open(URI uri, StoreSettings settings) {
        synchronized (turn(uri)) {
            Node node = RUNNING.get(uri);
            if (node == null) {
                try {
                    node = new Node(uri, settings);
                } catch (StartException e) {
                    throw new CacheException(e.getMessage(), e);
                }
                RUNNING.put(uri, node);
            } else if (!node.settings.equals(settings)) {
                throw new CacheException("the store of " + uri
                        + " is open in this JVM already, with other settings: it has " + node.settings
                        + ", asked for are "
                        + settings + "; use another URI, or the same settings");
            }
            node.users++;
            return node;
        }
    }
}
