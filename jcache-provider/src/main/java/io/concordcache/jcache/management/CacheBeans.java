package io.concordcache.jcache.management;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.function.Supplier;
import javax.cache.CacheException;
import javax.cache.configuration.CompleteConfiguration;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The MXBeans of one cache in the platform's MBean server, under the names that JSR-107 13 asks for. */
public final class CacheBeans {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final ObjectName statisticsName;
    private final ObjectName configurationName;

    public CacheBeans(URI manager, String cacheName) {
        statisticsName = name("CacheStatistics", manager, cacheName);
        configurationName = name("CacheConfiguration", manager, cacheName);
    }

    private static ObjectName name(String type, URI manager, String cacheName) {
        String name =
                "javax.cache:type=" + type + ",CacheManager=" + safe(manager.toString()) + ",Cache=" + safe(cacheName);
        try {
            return new ObjectName(name);
        } catch (JMException e) {
            throw new CacheException("no MBean can be named " + name, e);
        }
    }

    private static String safe(String text) {
        return text.replaceAll("[,:=\n*?\"]", ".");
    }

    /** Shows or hides the statistics. */
    public void showStatistics(boolean on, CacheStatistics statistics) {
        show(on, statisticsName, new StatisticsBean(statistics));
    }

    /** Shows or hides the configuration. */
    public void showConfiguration(boolean on, Supplier<? extends CompleteConfiguration<?, ?>> configuration) {
        show(on, configurationName, new ConfigurationBean(configuration));
    }

    private void show(boolean on, ObjectName name, Object bean) {
        if (!on) {
            hide(name);
            return;
        }
        try {
            server.registerMBean(bean, name);
        } catch (InstanceAlreadyExistsException e) {
            return; // shown already, or by a manager with the same URI and another class loader
        } catch (JMException e) {
            throw new CacheException("the MBean " + name + " cannot be registered", e);
        }
    }

    /** Hides both; the cache is closed. */
    public void hideAll() {
        hide(statisticsName);
        hide(configurationName);
    }

    private void hide(ObjectName name) {
        try {
            if (server.isRegistered(name)) {
                server.unregisterMBean(name);
            }
        } catch (InstanceNotFoundException e) {
            return; // somebody else was faster
        } catch (JMException e) {
            throw new CacheException("the MBean " + name + " cannot be unregistered", e);
        }
    }
}
