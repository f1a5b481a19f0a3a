package io.concordcache.hibernate;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.Length;
import org.jspecify.annotations.Nullable;

/** A row of the {@link Outbox}, mapped so that Hibernate's tools create and check its table; it is read and written by JDBC. */
@Entity(name = OutboxRow.ENTITY)
@Table(name = "concord_outbox")
class OutboxRow {
    static final String ENTITY = "ConcordOutbox";

    @Id
    @Column(name = "id", length = 36)
    @Nullable
    String id;

    /** The name in the store of the cache of a region. */
    @Column(name = "cache_name", nullable = false, length = 512)
    @Nullable
    String cacheName;

    /** Null for the whole region. */
    @Column(name = "item_key", length = Length.LONG32)
    byte @Nullable [] itemKey;

    /** Whether the item is a query space: 1 or 0. */
    @Column(name = "query_space", nullable = false)
    int querySpace;
}
