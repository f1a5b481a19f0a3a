package io.concordcache.examples.jakarta;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

/** An entity that the second-level cache holds. */
@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
public class Country {
    @Id
    String code;

    String name;

    /** For Hibernate. */
    protected Country() {}

    Country(String code, String name) {
        this.code = code;
        this.name = name;
    }
}
