package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import java.io.Serializable;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.Immutable;

/** Never changes; its id has parts. */
@Entity
@Immutable
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_ONLY)
class Fact {
    @Embeddable
    record Id(String country, int number) implements Serializable {}

    @EmbeddedId
    Id id;

    String text;

    Fact() {}

    Fact(Id id, String text) {
        this.id = id;
        this.text = text;
    }
}
