package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.Slot;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.spi.CacheTransactionSynchronization;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.spi.JdbcCoordinator;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.EventSource;
import org.jspecify.annotations.Nullable;

/**
 * What one session has locked, and when its transaction began. For the thread of the session.
 *
 * <p>The locks of an ordinary session are collected, for they matter from the commit on only: one command takes them all at
 * {@link #transactionCompleting}, one ends them at {@link #transactionCompleted}. A stateless session, one that shares the
 * transaction of another, or one without a transaction is not told of the first; it takes each lock when it asks for it.
 */
final class TransactionSync implements CacheTransactionSynchronization {
    private record Place(StoreRegion region, Bytes key) {}

    private final SharedSessionContractImplementor session;
    private final RegionStore store;
    private final Map<Place, Optional<Bytes>> items = new LinkedHashMap<>();
    private final Set<StoreRegion> whole = new LinkedHashSet<>();
    private final Set<Place> spaces = new LinkedHashSet<>();
    /** Without a transaction: what is locked and was not heard of again. */
    private final Set<Place> open = new HashSet<>();

    /** Regions that the transaction changes without a lock, because the store did not answer; no lock is taken any more. */
    private final Set<StoreRegion> unlocked = new LinkedHashSet<>();

    private final SharedTransaction.OfJta ofJta;
    private SharedTransaction own;
    /** The session leads its transaction, so it will be told of its end. */
    private boolean leads;
    /** There will be a {@link #transactionCompleting}. */
    private boolean collects;

    private boolean hearsOfTheEnd;
    private @Nullable LockId lock;

    TransactionSync(SharedSessionContractImplementor session, RegionStore store, SharedTransaction.OfJta ofJta) {
        this.session = session;
        this.store = store;
        this.ofJta = ofJta;
        this.own = new SharedTransaction(store.now());
    }

    static TransactionSync of(SharedSessionContractImplementor session) {
        return (TransactionSync) session.getCacheTransactionSynchronization();
    }

    /** That of the session whose connection this one uses, if it is a child; else its own. */
    private SharedTransaction shared() {
        JdbcCoordinator jdbc = session.getJdbcCoordinator(); // null while the session is made
        return jdbc != null
                        && jdbc.getJdbcSessionOwner() instanceof SharedSessionContractImplementor owner
                        && owner != session
                ? of(owner).shared()
                : own;
    }

    @Override
    public long getCachingTimestamp() {
        return shared().began();
    }

    @Override
    public void transactionJoined() {
        if (lock != null) {
            end(true); // of work before this transaction, of whose end nobody has told
        }
        own = ofJta.joined(session, store::now);
        leads = isOrdinary();
        collects = leads;
    }

    @Override
    public void transactionCompleting() {
        collects = false; // what comes now is too late for one command
        if (hasChanged()) {
            List<Place> places = new ArrayList<>(items.keySet());
            places.addAll(spaces);
            take(places, whole);
        }
    }

    @Override
    public void transactionCompleted(boolean successful) {
        end(successful);
        leads = false;
        collects = false;
    }

    private boolean hasChanged() {
        return !items.isEmpty() || !whole.isEmpty() || !spaces.isEmpty();
    }

    /** Not stateless. Hibernate's own question for that joins the transaction, which may be under way just now. */
    private boolean isOrdinary() {
        return session instanceof EventSource;
    }

    /**
     * The session sees the rows of all tenants, so its keys, which name its own, say nothing of what it reads and writes.
     * Hibernate 7.4 locks the keys of the owners of entities too, 6.6 does not.
     */
    boolean isOfAllTenants() {
        CurrentTenantIdentifierResolver<Object> resolver = session.getFactory().getCurrentTenantIdentifierResolver();
        return resolver != null && resolver.isRoot(session.getTenantIdentifierValue());
    }

    private boolean isClosed() {
        return !session.isOpenOrWaitingForAutoClose();
    }

    /** Whether the transaction has changed anything that others cannot see yet, so that what is read may be its own. */
    boolean hasPending() {
        return shared().hasChanged();
    }

    boolean isPending(StoreRegion region, Bytes key) {
        SharedTransaction shared = shared();
        if (!shared.hasChanged()) {
            return false;
        }
        Place place = new Place(region, key);
        return shared.changedBy(each -> each.whole.contains(region) || each.items.containsKey(place)) != null;
    }

    boolean isSpacePending(StoreRegion timestamps, Bytes space) {
        Place place = new Place(timestamps, space);
        return shared().changedBy(each -> each.spaces.contains(place)) != null;
    }

    void lock(StoreRegion region, Bytes key) {
        if (!mayWrite()) {
            // A refresh, which nobody says the end of.
            store.execute(region, new Command.Invalidate(region.slot(key)));
            return;
        }
        Place place = new Place(region, key);
        shared().changes(this);
        if (items.putIfAbsent(place, Optional.empty()) == null && !collects) {
            takeNow(place);
        }
    }

    private boolean mayWrite() {
        return session.isTransactionInProgress()
                || !session.isEventSource()
                || session.getFactory().getSessionFactoryOptions().isAllowOutOfTransactionUpdateOperations();
    }

    void lockAll(StoreRegion region) {
        shared().changes(this);
        if (whole.add(region) && !collects) {
            take(List.of(), Set.of(region));
            awaitEnd();
        }
    }

    /**
     * The session changes a query space. Told of it once before and once after the change; without a transaction, or if it
     * is told once only, the space stays locked until the lock ends by itself.
     */
    void touch(StoreRegion timestamps, Bytes space) {
        Place place = new Place(timestamps, space);
        shared().changes(this);
        if (!spaces.add(place)) {
            settle(place);
        } else if (!collects) {
            takeNow(place);
        }
    }

    private void takeNow(Place place) {
        take(List.of(place), Set.of());
        awaitEnd();
        if (!leads && !hearsOfTheEnd) {
            open.add(place);
        }
    }

    /**
     * The value that the transaction gave to what it has locked, null if it gave none; whether it may get there. A session
     * is told of what its children wrote too.
     */
    boolean fill(StoreRegion region, Bytes key, @Nullable Bytes value) {
        Place place = new Place(region, key);
        if (!items.containsKey(place)) {
            TransactionSync holder = shared().changedBy(each -> each.items.containsKey(place));
            return holder != null && holder.fill(region, key, value);
        }
        boolean locked = items.computeIfPresent(place, (same, before) -> Optional.ofNullable(value)) != null;
        settle(place);
        return locked && value != null;
    }

    /** Nothing more is heard of this lock; what the transaction had written there before, it has removed. */
    void release(StoreRegion region, Bytes key) {
        Place place = new Place(region, key);
        items.computeIfPresent(place, (same, before) -> Optional.empty());
        settle(place);
    }

    private void settle(Place place) {
        if (open.remove(place) && open.isEmpty()) {
            end(true);
        }
    }

    private void take(Collection<Place> places, Set<StoreRegion> all) {
        if (!unlocked.isEmpty()) {
            goWithout(places, all);
            return;
        }
        if (lock == null) {
            lock = store.newLockId();
        }
        RegionStore.Locked locked = store.lock(command(lock, places, all));
        if (locked == RegionStore.Locked.TOO_LARGE) {
            locked = takeWhole(lock, places, regions(places, all));
        }
        if (locked == RegionStore.Locked.NO_REGION) {
            regions(places, all).forEach(StoreRegion::reopen);
            locked = store.lock(command(lock, places, all));
        }
        switch (locked) {
            case YES -> {}
            case NOT -> {
                // With this lock all that it held before is given up.
                List<Place> held = new ArrayList<>(items.keySet());
                held.addAll(spaces);
                goWithout(held, whole);
            }
            case NO_REGION ->
                throw new CacheException("a region was destroyed while this transaction wrote to it; try again");
            case TOO_LARGE ->
                throw new CacheException("what this transaction changes is too much for one lock, in the regions "
                        + regions(places, all).stream()
                                .map(StoreRegion::getName)
                                .toList());
        }
    }

    /** In place of keys that are too large or too many their regions; of tables there are few. */
    private RegionStore.Locked takeWhole(LockId id, Collection<Place> places, Set<StoreRegion> regions) {
        Set<StoreRegion> all = new LinkedHashSet<>(regions);
        all.removeIf(region -> region instanceof SpacesRegion);
        whole.addAll(all);
        List<Place> tables = places.stream()
                .filter(place -> place.region instanceof SpacesRegion)
                .toList();
        return store.lock(command(id, tables, all));
    }

    private static Set<StoreRegion> regions(Collection<Place> places, Set<StoreRegion> all) {
        Set<StoreRegion> regions = new LinkedHashSet<>(all);
        places.forEach(place -> regions.add(place.region));
        return regions;
    }

    private void goWithout(Collection<Place> places, Set<StoreRegion> all) {
        unlocked.addAll(regions(places, all));
        Outbox outbox = store.outbox();
        if (outbox == null) {
            return;
        }
        if (!session.isTransactionInProgress()) {
            throw new CacheException(
                    "the second-level cache did not acknowledge what is about to be changed, and without a"
                            + " transaction that cannot be made known afterwards; try again in a transaction (setting "
                            + RegionSettings.PREFIX + "on-unavailable)");
        }
        List<Outbox.Item> changed = new ArrayList<>();
        places.forEach(
                place -> changed.add(new Outbox.Item(place.region.cacheName(), place.key, spaces.contains(place))));
        all.forEach(region -> changed.add(new Outbox.Item(region.cacheName(), null, false)));
        outbox.write(session, changed);
    }

    private Command.SoftLock command(LockId id, Collection<Place> places, Set<StoreRegion> all) {
        List<Slot> slots = new ArrayList<>(places.size());
        places.forEach(place -> slots.add(place.region.slot(place.key)));
        return new Command.SoftLock(
                id,
                session.getFactory().getCache().getRegionFactory().getTimeout(),
                slots,
                all.stream().map(StoreRegion::cacheId).toList());
    }

    /** Sees to it that the locks end with a transaction that somebody else leads. */
    private void awaitEnd() {
        if (leads || hearsOfTheEnd || !session.isTransactionInProgress()) {
            return;
        }
        session.getTransactionCoordinator().getLocalSynchronizations().registerSynchronization(new Synchronization() {
            @Override
            public void beforeCompletion() {
                // the locks are there
            }

            @Override
            public void afterCompletion(int status) {
                hearsOfTheEnd = false;
                if (isOrdinary() && !isClosed()) {
                    return; // it hears of it by itself, after what it wrote
                }
                end(status == Status.STATUS_COMMITTED);
            }
        });
        hearsOfTheEnd = true;
    }

    private void end(boolean successful) {
        if (lock != null && unlocked.isEmpty()) {
            List<RegionStore.Written> written = new ArrayList<>();
            if (successful) {
                items.forEach((place, value) -> {
                    if (value.isPresent() && !whole.contains(place.region)) {
                        Slot slot = place.region.slot(place.key);
                        written.add(new RegionStore.Written(place.region, new Command.Fill(slot, value.get())));
                    }
                });
            }
            store.unlock(
                    lock,
                    written,
                    spaces.stream().map(place -> place.region.slot(place.key)).toList());
        }
        if (!unlocked.isEmpty()) {
            store.changedWithoutLock(unlocked);
        }
        lock = null;
        unlocked.clear();
        items.clear();
        whole.clear();
        spaces.clear();
        open.clear();
        shared().settled(this);
    }
}
