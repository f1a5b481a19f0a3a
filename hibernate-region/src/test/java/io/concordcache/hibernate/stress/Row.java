package io.concordcache.hibernate.stress;

import jakarta.persistence.Cacheable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;

/** Its version counts its changes, so it tells which state of the row somebody has seen. */
@Entity
@Table(name = "stress_row")
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class Row {
    @Id
    long id;

    @Version
    int version;

    int payload;

    /** Holds the version that the row had before each change by an entity. */
    @ElementCollection
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<Integer> marks = new ArrayList<>();

    Row() {}

    Row(long id) {
        this.id = id;
    }
}
