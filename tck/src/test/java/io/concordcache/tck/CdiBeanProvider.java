package io.concordcache.tck;

import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import javax.cache.annotation.BeanProvider;
import manager.CacheNameOnEachMethodBlogManagerImpl;
import manager.ClassLevelCacheConfigBlogManagerImpl;
import manager.UsingDefaultCacheNameBlogManagerImpl;

/**
 * Beans of the TCK from a container of Jakarta CDI. They are named here since they have no scope, so that no container finds
 * them. Their caches are created when they are needed, as the TCK expects: system property {@code
 * jcache.annotations.create-caches}.
 */
public final class CdiBeanProvider implements BeanProvider {
    private final SeContainer container = SeContainerInitializer.newInstance()
            .addBeanClasses(
                    CacheNameOnEachMethodBlogManagerImpl.class,
                    ClassLevelCacheConfigBlogManagerImpl.class,
                    UsingDefaultCacheNameBlogManagerImpl.class)
            .initialize();

    @Override
    public <T> T getBeanByType(Class<T> beanClass) {
        return container.select(beanClass).get();
    }
}
