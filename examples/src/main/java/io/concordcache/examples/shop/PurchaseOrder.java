package io.concordcache.examples.shop;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** What somebody has bought. */
@Entity
@Cacheable
class PurchaseOrder {
    @Id
    long id;

    String text = "";
}
