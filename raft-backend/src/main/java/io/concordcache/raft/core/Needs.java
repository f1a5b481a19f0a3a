package io.concordcache.raft.core;

/** Told what whoever asks for something must be allowed to do; it must have all of it. What tells nothing is open to all. */
public interface Needs {
    void role(Role role, long cacheId);

    void role(Role role, String cacheName);

    /** Some role for some cache. */
    void anyRole();

    /** To administer the cluster. */
    void cluster();

    /** To be a member. */
    void membership();

    /** What the command needs that this part completes. */
    void whole(Command.Part last);
}
