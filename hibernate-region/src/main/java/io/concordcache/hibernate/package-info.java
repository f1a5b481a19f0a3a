/**
 * The second-level cache of Hibernate ORM on the replicated store.
 *
 * <p>Not an adapter of the classes in {@code org.hibernate.cache.spi.support}: those read and then put under a lock of one
 * JVM, and in a cluster leave old data behind. Here each step that decides is one command that the replicas apply:
 * {@link io.concordcache.raft.core.Command.SoftLock} before the database commits, {@link
 * io.concordcache.raft.core.Command.SoftUnlock} after it, {@link io.concordcache.raft.core.Command.PutFromLoad} for what was
 * read. Two log entries for a transaction that writes, however much; for one that reads none but what it adds.
 *
 * <p>Uses the store port and the class filter of {@code raft-backend}, and of Hibernate only {@code cache.spi} and what
 * leads there, so that one jar serves several versions. Knows nothing of JCache.
 */
@NullMarked
package io.concordcache.hibernate;

import org.jspecify.annotations.NullMarked;
