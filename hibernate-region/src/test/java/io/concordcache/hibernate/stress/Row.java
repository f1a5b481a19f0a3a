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
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.NaturalIdCache;

/** Its content is never the same twice, so it tells which state of the row somebody has seen. */
@Entity
@Table(name = "stress_row")
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
@NaturalIdCache
class Row {
    @Id
    long id;

    /** Of a row that is inserted again it goes on, so that nobody takes the one for the other. */
    @Version
    long version;

    String content;

    /** One of a few that only this row may have. */
    @NaturalId(mutable = true)
    String name;

    @ElementCollection
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    List<String> marks = new ArrayList<>();

    Row() {}

    Row(long id, String content, String name) {
        this.id = id;
        this.version = System.nanoTime() / 1_000;
        this.content = content;
        this.name = name;
        this.marks.add(content);
    }
}
