package io.concordcache.examples.spring;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

/** As the README has it. */
@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class Country {
    @Id
    String code;

    String name;

    Country() {}

    Country(String code, String name) {
        this.code = code;
        this.name = name;
    }
}
