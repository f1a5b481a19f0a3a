package io.concordcache.annotations.cdi;

import io.concordcache.annotations.MethodRules;
import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Discovery;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.enterprise.inject.build.compatible.spi.Messages;
import jakarta.enterprise.inject.build.compatible.spi.MethodConfig;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.ScannedClasses;
import jakarta.enterprise.inject.build.compatible.spi.SkipIfPortableExtensionPresent;
import java.util.HashSet;
import java.util.Set;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;

/** The annotations in containers of CDI Lite, which run this when the application is built. */
@SkipIfPortableExtensionPresent(CacheAnnotationsExtension.class)
public class CacheAnnotationsLiteExtension implements BuildCompatibleExtension {
    private final Set<String> reported = new HashSet<>();

    /** For the container. */
    public CacheAnnotationsLiteExtension() {}

    /** For the container. */
    @Discovery
    public void addTypes(ScannedClasses classes) {
        classes.add(CacheIntercepted.class.getName());
        classes.add(CacheInterceptor.class.getName());
        classes.add(CacheMethodsBean.class.getName());
    }

    /** For the container. */
    @Enhancement(
            types = Object.class,
            withSubtypes = true,
            withAnnotations = {CacheResult.class, CachePut.class, CacheRemove.class, CacheRemoveAll.class})
    public void bind(ClassConfig type) {
        Set<String> affected = MethodRules.affected(ModelledClass.of(type.info()));
        for (MethodConfig method : type.methods()) {
            if (ModelledClass.isOfClass(method.info()) && affected.contains(ModelledClass.id(method.info()))) {
                method.addAnnotation(CacheIntercepted.class);
            }
        }
    }

    /** For the container. */
    @Registration(types = Object.class)
    public void check(BeanInfo bean, Messages messages) {
        if (bean.isClassBean()) {
            for (String problem : MethodRules.check(ModelledClass.of(bean.declaringClass()))) {
                if (reported.add(problem)) {
                    messages.error(problem, bean);
                }
            }
        }
    }
}
