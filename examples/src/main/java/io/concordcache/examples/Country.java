package io.concordcache.examples;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.jspecify.annotations.Nullable;

/** An entity with state in the second-level cache. */
@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class Country {
    @Id
    @Nullable
    String code;

    @Nullable
    String name;

    Country() {}

    Country(String code, String name) {
        this.code = code;
        this.name = name;
    }
}
