package io.concordcache.hibernate;

import jakarta.persistence.Cacheable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.NaturalIdCache;
import org.hibernate.annotations.TenantId;

/** Belongs to the tenant in its column. */
@Entity
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
@NaturalIdCache
class TenantItem {
    @Id
    long id;

    @TenantId
    String tenant;

    @NaturalId
    String code;

    String name;

    @ElementCollection
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<String> notes = new ArrayList<>();

    TenantItem() {}

    TenantItem(long id, String code, String name) {
        this.id = id;
        this.code = code;
        this.name = name;
        notes.add("of " + name);
    }
}
