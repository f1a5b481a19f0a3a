package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.NaturalIdCache;

@Entity
@Table(name = "purchase")
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
@NaturalIdCache
class Order {
    @Id
    long id;

    @NaturalId(mutable = true)
    String number;

    @ManyToMany
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<Item> items = new ArrayList<>();

    @ElementCollection
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<String> notes = new ArrayList<>();

    Order() {}

    Order(long id, String number) {
        this.id = id;
        this.number = number;
    }
}
