package io.concordcache.hibernate;

import org.hibernate.SessionFactory;
import org.hibernate.SessionFactoryObserver;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.cache.spi.RegionFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.EventType;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.service.spi.ServiceRegistryImplementor;
import org.hibernate.service.spi.SessionFactoryServiceRegistry;

/**
 * Adds the listeners of {@link StatelessSpaces}, and has the session factory wait until its {@link ConcordRegionFactory} is
 * ready; found by {@code ServiceLoader}.
 */
public final class ConcordIntegrator implements Integrator {
    /** For {@code ServiceLoader}. */
    public ConcordIntegrator() {}

    @Override
    public void integrate(Metadata metadata, BootstrapContext context, SessionFactoryImplementor sessionFactory) {
        ServiceRegistryImplementor services = sessionFactory.getServiceRegistry();
        if (!(services.getService(RegionFactory.class) instanceof ConcordRegionFactory regions)) {
            return;
        }
        sessionFactory.addObserver(new SessionFactoryObserver() {
            @Override
            public void sessionFactoryCreated(SessionFactory factory) {
                regions.ready(sessionFactory);
            }
        });
        EventListenerRegistry events = services.requireService(EventListenerRegistry.class);
        StatelessSpaces listener = new StatelessSpaces();
        events.appendListeners(EventType.PRE_INSERT, listener);
        events.appendListeners(EventType.PRE_UPDATE, listener);
        events.appendListeners(EventType.PRE_DELETE, listener);
        events.appendListeners(EventType.PRE_UPSERT, listener);
        events.appendListeners(EventType.POST_INSERT, listener);
        events.appendListeners(EventType.POST_UPDATE, listener);
        events.appendListeners(EventType.POST_DELETE, listener);
        events.appendListeners(EventType.POST_UPSERT, listener);
    }

    /** In 6.6 it has no body of its own. */
    @Override
    public void disintegrate(SessionFactoryImplementor sessionFactory, SessionFactoryServiceRegistry serviceRegistry) {
        // the listeners go with the session factory
    }
}
