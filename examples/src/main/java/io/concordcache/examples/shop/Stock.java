package io.concordcache.examples.shop;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** How much there is of a product. */
@Entity
@Cacheable
class Stock {
    @Id
    long id;

    int quantity;
}
