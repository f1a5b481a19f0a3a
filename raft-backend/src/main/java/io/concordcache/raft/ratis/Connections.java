package io.concordcache.raft.ratis;

import io.concordcache.raft.tls.Security;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The connections that others have to this member, counted. Whoever closes one need not say so. For one thread. */
final class Connections {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Security.Limits limits;
    private final Map<InetAddress, Set<SocketChannel>> open = new HashMap<>();
    private int count;
    private long looked = System.nanoTime();

    Connections(Security.Limits limits) {
        this.limits = limits;
    }

    /** Takes one in; false if there are too many. */
    boolean add(SocketChannel connection) {
        InetAddress from = connection.socket().getInetAddress();
        if (isFull(from)) {
            forgetClosed();
        }
        if (from == null || isFull(from)) {
            return false;
        }
        open.computeIfAbsent(from, unknown -> new HashSet<>()).add(connection);
        count++;
        return true;
    }

    private boolean isFull(InetAddress from) {
        Set<SocketChannel> ofIt = open.get(from);
        return count >= limits.connections() || (ofIt != null && ofIt.size() >= limits.connectionsPerAddress());
    }

    /** To be called from time to time; does nothing if it did a moment ago. */
    void forgetClosed() {
        long now = System.nanoTime();
        if (now - looked < PAUSE_NANOS) {
            return;
        }
        looked = now;
        count = 0;
        for (Iterator<Set<SocketChannel>> all = open.values().iterator(); all.hasNext(); ) {
            Set<SocketChannel> ofOne = all.next();
            ofOne.removeIf(connection -> !connection.isOpen());
            count += ofOne.size();
            if (ofOne.isEmpty()) {
                all.remove();
            }
        }
    }
}
