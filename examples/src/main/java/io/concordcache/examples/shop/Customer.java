package io.concordcache.examples.shop;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** Who buys. */
@Entity
@Cacheable
class Customer {
    @Id
    long id;

    String text = "";
}
