/**
 * The replicated caches as plain Java: commands, their outcomes and changes, the replicated clock and the state they
 * act on. Deterministic: equal log entries in equal order give equal states, outcomes and changes on every replica.
 *
 * <p>Uses values of {@code java.base} only; no clock, random source, thread, file or logger. Time is an argument, chosen
 * by the leader before replication. Collections of {@code java.util.concurrent} appear solely because the one writer may
 * be read by others while it works.
 */
@NullMarked
package io.concordcache.raft.core;

import org.jspecify.annotations.NullMarked;
