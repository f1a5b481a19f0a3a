package io.concordcache.hibernate;

import org.hibernate.cache.spi.access.SoftLock;

/** Stands for a lock that {@link TransactionSync} keeps. */
enum ItemLock implements SoftLock {
    OF_TRANSACTION
}
