package io.concordcache.annotations.cdi;

import jakarta.enterprise.inject.build.compatible.spi.BeanInfo;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Discovery;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.enterprise.inject.build.compatible.spi.Messages;
import jakarta.enterprise.inject.build.compatible.spi.Registration;
import jakarta.enterprise.inject.build.compatible.spi.ScannedClasses;
import jakarta.enterprise.inject.se.SeContainer;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;
import org.apache.openwebbeans.se.OWBInitializer;
import org.apache.webbeans.config.WebBeansFinder;
import org.apache.webbeans.spi.LoaderService;
import org.jboss.weld.environment.se.Weld;

/** The containers that the tests run in. */
enum Container {
    /** Weld 6, CDI 4.1 Full, by the portable extension. */
    WELD {
        @Override
        SeContainer start(Class<?>... beans) {
            return new Weld(id())
                    .disableDiscovery()
                    .addBeanClasses(beans)
                    .addExtensions(new CacheAnnotationsExtension())
                    .initialize();
        }
    },
    /** Weld 6, by the build compatible extension, as a container of CDI Lite has no other. */
    WELD_LITE {
        @Override
        @SuppressWarnings("unchecked") // an array of generic type for a variable number of arguments
        SeContainer start(Class<?>... beans) {
            Weld weld = new Weld(id()).disableDiscovery().addBeanClasses(beans);
            weld.addBuildCompatibleExtensions(LiteExtension.class);
            return weld.initialize();
        }
    },
    /** OpenWebBeans 4, CDI 4.0 Full, by the portable extension. */
    OPENWEBBEANS {
        @Override
        SeContainer start(Class<?>... beans) {
            try {
                return new OWBInitializer()
                        .addProperty(LoaderService.class.getName(), new WithoutWeld())
                        .addProperty("openwebbeans.disableDiscovery", "true")
                        .addBeanClasses(beans)
                        .initialize();
            } catch (RuntimeException e) {
                // It stays registered when it could not start.
                WebBeansFinder.clearInstances(Thread.currentThread().getContextClassLoader());
                throw e;
            }
        }
    },
    /** ArC 3, CDI 4.1 Lite, by the build compatible extension. */
    ARC {
        @Override
        SeContainer start(Class<?>... beans) {
            return ArcContainers.start(beans);
        }
    };

    private static int count;

    /** Of beans of these classes and no others. */
    abstract SeContainer start(Class<?>... beans);

    private static synchronized String id() {
        return "weld-" + ++count;
    }

    /** Weld leaves alone whatever says that a portable extension takes its place; this does not say it. */
    public static final class LiteExtension implements BuildCompatibleExtension {
        private final CacheAnnotationsLiteExtension real = new CacheAnnotationsLiteExtension();

        @Discovery
        public void addTypes(ScannedClasses classes) {
            real.addTypes(classes);
        }

        @Enhancement(
                types = Object.class,
                withSubtypes = true,
                withAnnotations = {CacheResult.class, CachePut.class, CacheRemove.class, CacheRemoveAll.class})
        public void bind(ClassConfig type) {
            real.bind(type);
        }

        @Registration(types = Object.class)
        public void check(BeanInfo bean, Messages messages) {
            real.check(bean, messages);
        }
    }

    /** The extensions on the class path, but those of another container. */
    private static final class WithoutWeld implements LoaderService {
        @Override
        public <T> List<T> load(Class<T> type) {
            return load(type, Container.class.getClassLoader());
        }

        @Override
        public <T> List<T> load(Class<T> type, ClassLoader loader) {
            List<T> found = new ArrayList<>();
            ServiceLoader.load(type, loader).stream()
                    .filter(each -> !each.type().getName().startsWith("org.jboss.weld"))
                    .forEach(each -> found.add(each.get()));
            return found;
        }
    }
}
