package io.concordcache.examples.shop;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** Whatever else the shop keeps. */
@Entity
@Cacheable
class Product {
    @Id
    long id;

    String text = "";
}
