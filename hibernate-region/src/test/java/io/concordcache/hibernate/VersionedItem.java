package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class VersionedItem {
    @Id
    long id;

    @Version
    int version;

    String name;

    VersionedItem() {}

    VersionedItem(long id, String name) {
        this.id = id;
        this.name = name;
    }
}
