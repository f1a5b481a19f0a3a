package io.concordcache.annotations.cdi;

import io.concordcache.annotations.ClassModel;
import io.concordcache.annotations.MethodRules;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessAnnotatedType;
import jakarta.enterprise.inject.spi.ProcessManagedBean;
import jakarta.enterprise.inject.spi.WithAnnotations;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;

/** The annotations in containers of CDI Full. */
public class CacheAnnotationsExtension implements Extension {
    private static final System.Logger LOG = System.getLogger(CacheAnnotationsExtension.class.getName());

    private final Set<String> problems = new LinkedHashSet<>();

    /** For the container. */
    public CacheAnnotationsExtension() {}

    /** This archive is no bean archive, as it has an extension and no beans.xml: so each class is named once, here. */
    void addTypes(@Observes BeforeBeanDiscovery event, BeanManager beans) {
        for (Class<?> type : new Class<?>[] {CacheInterceptor.class, CacheMethodsBean.class}) {
            event.addAnnotatedType(beans.createAnnotatedType(type), type.getName());
        }
    }

    void bind(
            @Observes @WithAnnotations({CacheResult.class, CachePut.class, CacheRemove.class, CacheRemoveAll.class})
                    ProcessAnnotatedType<?> event) {
        Set<String> affected = MethodRules.affected(ReflectedClass.of(event.getAnnotatedType()));
        if (!affected.isEmpty()) {
            event.configureAnnotatedType()
                    .filterMethods(method -> ReflectedClass.isOfClass(method.getJavaMember())
                            && affected.contains(ReflectedClass.id(method.getJavaMember())))
                    .forEach(method -> method.add(CacheIntercepted.Literal.INSTANCE));
        }
    }

    /** Only of beans: a class that is none is not called through a container anyway. */
    void check(@Observes ProcessManagedBean<?> event) {
        ClassModel type = ReflectedClass.of(event.getAnnotatedBeanClass());
        problems.addAll(MethodRules.check(type));
        for (String ignored :
                ReflectedClass.ignored(event.getAnnotatedBeanClass().getJavaClass())) {
            LOG.log(System.Logger.Level.WARNING, ignored);
        }
    }

    /** Thrown rather than added to the event: of what is added, not every container says what it is. */
    void report(@Observes AfterDeploymentValidation event) {
        if (!problems.isEmpty()) {
            throw new DeploymentException(String.join(System.lineSeparator(), problems));
        }
    }
}
