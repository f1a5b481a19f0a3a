package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class Item {
    enum Color {
        RED,
        GREEN
    }

    @Id
    long id;

    String name;

    Color color = Color.RED;

    Item() {}

    Item(long id, String name) {
        this.id = id;
        this.name = name;
    }
}
