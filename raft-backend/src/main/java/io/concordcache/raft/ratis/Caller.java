package io.concordcache.raft.ratis;

import io.concordcache.raft.access.Token;
import io.concordcache.raft.access.Who;
import io.concordcache.raft.tls.Peer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The other end of a connection. Thread-safe. */
final class Caller {
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final String address;
    private volatile Who who;
    /** Whether it was seen to be a member; it stays one while it is connected. */
    private volatile boolean member;

    private volatile long askAgain = System.nanoTime();

    Caller(Object address, Peer peer, @Nullable Token token) {
        this.address = String.valueOf(address);
        this.who = new Who(peer, token);
    }

    String address() {
        return address;
    }

    Who who() {
        return who;
    }

    void shows(Token token) {
        who = new Who(who.peer(), token);
    }

    boolean isMember(MemberCheck members) {
        long now = System.nanoTime();
        if (!member && now - askAgain >= 0) {
            member = members.isMember(who.peer());
            askAgain = now + ASK_NANOS;
        }
        return member;
    }
}
