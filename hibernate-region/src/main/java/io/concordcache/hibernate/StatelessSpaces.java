package io.concordcache.hibernate;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.AbstractEvent;
import org.hibernate.event.spi.PostDeleteEvent;
import org.hibernate.event.spi.PostDeleteEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.event.spi.PostInsertEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.event.spi.PostUpdateEventListener;
import org.hibernate.event.spi.PostUpsertEvent;
import org.hibernate.event.spi.PostUpsertEventListener;
import org.hibernate.event.spi.PreDeleteEvent;
import org.hibernate.event.spi.PreDeleteEventListener;
import org.hibernate.event.spi.PreInsertEvent;
import org.hibernate.event.spi.PreInsertEventListener;
import org.hibernate.event.spi.PreUpdateEvent;
import org.hibernate.event.spi.PreUpdateEventListener;
import org.hibernate.event.spi.PreUpsertEvent;
import org.hibernate.event.spi.PreUpsertEventListener;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/**
 * Tells the cache which tables and natural ids a stateless session changes, which Hibernate does not do by itself: else
 * results of queries, and natural ids, would stay as they were. In Hibernate 6.6 these events have no session, and nothing
 * can be told. The natural id of what an ordinary session deletes is locked too: Hibernate evicts it, but what is loaded
 * before the commit gets in again, and what it does after the commit may fail.
 */
final class StatelessSpaces
        implements PreInsertEventListener,
                PreUpdateEventListener,
                PreDeleteEventListener,
                PreUpsertEventListener,
                PostInsertEventListener,
                PostUpdateEventListener,
                PostDeleteEventListener,
                PostUpsertEventListener {
    private static final long serialVersionUID = 1;

    /** Its return type is another in 6.6, so it is looked up by its name. */
    private static final MethodHandle GET_SESSION = getSession();

    private final transient Map<String, String[]> spaces = new ConcurrentHashMap<>();

    private static MethodHandle getSession() {
        try {
            return MethodHandles.publicLookup().unreflect(AbstractEvent.class.getMethod("getSession"));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("an event of Hibernate without a session", e);
        }
    }

    private static @Nullable SharedSessionContractImplementor session(AbstractEvent event) {
        try {
            return (SharedSessionContractImplementor) GET_SESSION.invoke(event);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("an event of Hibernate has no session: " + event, e);
        }
    }

    /** Once before and once after the change. */
    private void touch(AbstractEvent event, EntityPersister persister) {
        SharedSessionContractImplementor session = session(event);
        if (session != null && !session.isEventSource()) {
            session.getFactory()
                    .getCache()
                    .getTimestampsCache()
                    .preInvalidate(
                            spaces.computeIfAbsent(persister.getEntityName(), name -> spaces(session, persister)),
                            session);
        }
    }

    /** {@code deleted} is the state of what is deleted, if it is known. */
    private static void lockNaturalId(AbstractEvent event, EntityPersister persister, Object @Nullable [] deleted) {
        SharedSessionContractImplementor session = session(event);
        if (session == null || !(persister.getNaturalIdCacheAccessStrategy() instanceof NaturalIdAccess access)) {
            return;
        }
        if (!session.isEventSource()) {
            access.lockAll(session); // what it was is not known
        } else if (deleted != null) {
            Object naturalId = persister.getNaturalIdMapping().extractNaturalIdFromEntityState(deleted);
            access.lock(session, access.generateCacheKey(naturalId, persister, session));
        }
    }

    /** The tables of the entity and of the collections that it owns. */
    private static String[] spaces(SharedSessionContractImplementor session, EntityPersister persister) {
        TreeSet<String> all = new TreeSet<>();
        Arrays.stream(persister.getPropertySpaces()).map(String::valueOf).forEach(all::add);
        session.getFactory().getMappingMetamodel().forEachCollectionDescriptor(collection -> {
            if (collection.getOwnerEntityPersister().equals(persister)) {
                Arrays.stream(collection.getCollectionSpaces())
                        .map(String::valueOf)
                        .forEach(all::add);
            }
        });
        return all.toArray(new String[0]);
    }

    @Override
    public boolean onPreInsert(PreInsertEvent event) {
        touch(event, event.getPersister());
        return false;
    }

    @Override
    public boolean onPreUpdate(PreUpdateEvent event) {
        touch(event, event.getPersister());
        lockNaturalId(event, event.getPersister(), null);
        return false;
    }

    @Override
    public boolean onPreDelete(PreDeleteEvent event) {
        touch(event, event.getPersister());
        lockNaturalId(event, event.getPersister(), event.getDeletedState());
        return false;
    }

    @Override
    public boolean onPreUpsert(PreUpsertEvent event) {
        touch(event, event.getPersister());
        lockNaturalId(event, event.getPersister(), null);
        return false;
    }

    @Override
    public void onPostInsert(PostInsertEvent event) {
        touch(event, event.getPersister());
    }

    @Override
    public void onPostUpdate(PostUpdateEvent event) {
        touch(event, event.getPersister());
    }

    @Override
    public void onPostDelete(PostDeleteEvent event) {
        touch(event, event.getPersister());
    }

    @Override
    public void onPostUpsert(PostUpsertEvent event) {
        touch(event, event.getPersister());
    }

    @Override
    public boolean requiresPostCommitHandling(EntityPersister persister) {
        return false;
    }
}
