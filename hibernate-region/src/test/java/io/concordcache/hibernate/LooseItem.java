package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.NONSTRICT_READ_WRITE)
class LooseItem {
    @Id
    long id;

    String name;

    LooseItem() {}

    LooseItem(long id, String name) {
        this.id = id;
        this.name = name;
    }
}
