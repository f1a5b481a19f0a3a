package io.concordcache.annotations.cdi;

import io.quarkus.arc.Arc;
import io.quarkus.arc.ComponentsProvider;
import io.quarkus.arc.processor.BeanArchives;
import io.quarkus.arc.processor.BeanProcessor;
import io.quarkus.arc.processor.ResourceOutput;
import io.quarkus.arc.processor.bcextensions.ExtensionsEntryPoint;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.interceptor.InterceptorBinding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jboss.jandex.CompositeIndex;
import org.jboss.jandex.Index;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.Indexer;

/**
 * ArC, the container of Quarkus, without Quarkus: what its build does is done before each start. There is one container at a
 * time.
 */
final class ArcContainers {
    private static int count;

    private ArcContainers() {}

    static synchronized SeContainer start(Class<?>... beans) {
        Arc.shutdown();
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            byte[] providers = build("arc" + ++count, Set.of(beans));
            Thread.currentThread().setContextClassLoader(new WithProviders(before, providers));
            Arc.initialize();
        } catch (IOException | InterruptedException | ExecutionException e) {
            throw new IllegalStateException("ArC could not build", e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        return container();
    }

    /** Writes what is generated beside the classes of the tests, since it has to be in their packages. */
    private static byte[] build(String name, Set<Class<?>> beans)
            throws IOException, InterruptedException, ExecutionException {
        IndexView index = BeanArchives.buildImmutableBeanArchiveIndex(index(beans));
        ExtensionsEntryPoint extensions = new ExtensionsEntryPoint(List.of(new CacheAnnotationsLiteExtension()));
        Set<String> added = new HashSet<>();
        extensions.runDiscovery(index, added);
        Set<Class<?>> addedClasses = new HashSet<>();
        for (String each : added) {
            addedClasses.add(load(each));
        }
        index = CompositeIndex.create(index, index(addedClasses));

        Path classes = Path.of(ArcContainers.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        byte[][] providers = new byte[1][];
        BeanProcessor processor = BeanProcessor.builder()
                .setName(name)
                .setImmutableBeanArchiveIndex(index)
                .setComputingBeanArchiveIndex(BeanArchives.buildComputingBeanArchiveIndex(
                        ArcContainers.class.getClassLoader(), new ConcurrentHashMap<>(), index))
                .setBuildCompatibleExtensions(extensions)
                .setRemoveUnusedBeans(false)
                .setTransformUnproxyableClasses(false)
                .setOutput(resource -> {
                    if (resource.getType() == ResourceOutput.Resource.Type.JAVA_CLASS) {
                        resource.writeTo(classes.toFile());
                    } else if (resource.getName().endsWith(ComponentsProvider.class.getName())) {
                        providers[0] = resource.getData();
                    }
                })
                .build();
        processor.process();
        return providers[0];
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of the classes, what they extend, and the bindings of interceptors that they bear. */
    private static Index index(Set<Class<?>> classes) throws IOException {
        Set<Class<?>> all = new HashSet<>();
        for (Class<?> type : classes) {
            for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
                all.add(each);
            }
            for (Annotation annotation : type.getAnnotations()) {
                if (annotation.annotationType().isAnnotationPresent(InterceptorBinding.class)) {
                    all.add(annotation.annotationType());
                }
            }
        }
        Indexer indexer = new Indexer();
        for (Class<?> type : all) {
            try (InputStream in =
                    ArcContainers.class.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
                indexer.index(in);
            }
        }
        return indexer.complete();
    }

    /** As much of the interface as the tests use. */
    private static SeContainer container() {
        return (SeContainer) Proxy.newProxyInstance(
                ArcContainers.class.getClassLoader(),
                new Class<?>[] {SeContainer.class},
                (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "close" -> {
                            Arc.shutdown();
                            return null;
                        }
                        case "getBeanManager" -> {
                            return Arc.container().beanManager();
                        }
                        default -> {
                            Instance<Object> all = Arc.container().beanManager().createInstance();
                            try {
                                return method.invoke(all, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }
                    }
                });
    }

    /** Shows one service file beside what the other loader has. */
    private static final class WithProviders extends ClassLoader {
        private final byte[] providers;

        WithProviders(ClassLoader parent, byte[] providers) {
            super(parent);
            this.providers = providers;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            if (!name.equals("META-INF/services/" + ComponentsProvider.class.getName())) {
                return super.getResources(name);
            }
            return Collections.enumeration(List.of(new URL(null, "memory:providers", new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL url) {
                    return new URLConnection(url) {
                        @Override
                        public void connect() {}

                        @Override
                        public InputStream getInputStream() {
                            return new ByteArrayInputStream(providers);
                        }
                    };
                }
            })));
        }
    }
}
