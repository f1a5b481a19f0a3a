package io.concordcache.annotations;

import java.lang.annotation.Annotation;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;

/** The four annotations that make a call something with a cache. */
public enum Kind {
    /** {@link CacheResult}. */
    RESULT(CacheResult.class),
    /** {@link CachePut}. */
    PUT(CachePut.class),
    /** {@link CacheRemove}. */
    REMOVE(CacheRemove.class),
    /** {@link CacheRemoveAll}. */
    REMOVE_ALL(CacheRemoveAll.class);

    private final Class<? extends Annotation> annotation;

    Kind(Class<? extends Annotation> annotation) {
        this.annotation = annotation;
    }

    /** The annotation that this stands for. */
    public Class<? extends Annotation> annotation() {
        return annotation;
    }

    /** As written in a source: {@code @CacheResult}. */
    @Override
    public String toString() {
        return "@" + annotation.getSimpleName();
    }
}
