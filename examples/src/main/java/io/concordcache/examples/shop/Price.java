package io.concordcache.examples.shop;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** What a product costs. */
@Entity
@Cacheable
class Price {
    @Id
    long id;

    String text = "";
}
