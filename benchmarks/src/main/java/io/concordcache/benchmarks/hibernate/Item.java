package io.concordcache.benchmarks.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

/** An entity as applications have it. */
@Entity
@Table(name = "item")
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
public class Item {
    @Id
    long id;

    @Version
    int version;

    String name = "";
    String description = "";
    BigDecimal price = BigDecimal.ONE;
    int stock;

    /** For Hibernate. */
    protected Item() {}

    Item(long id) {
        this.id = id;
        name = "item " + id;
        description = "a thing of number " + id + " that lies on a shelf";
    }
}
