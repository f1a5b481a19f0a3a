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
import org.hibernate.engine.spi.SharedSessionContractImplementor;
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

    /** Regions that the transaction changes without a lock, because the store did not answer. */
    private final Set<StoreRegion> unlocked = new LinkedHashSet<>();

    private long began;
    /** The session leads its transaction, so it will be told of its end. */
    private boolean leads;
    /** There will be a {@link #transactionCompleting}. */
    private boolean collects;

    private boolean hearsOfTheEnd;
    private @Nullable LockId lock;

    TransactionSync(SharedSessionContractImplementor session, RegionStore store) {
        this.session = session;
        this.store = store;
        this.began = store.now();
    }

    static TransactionSync of(SharedSessionContractImplementor session) {
        return (TransactionSync) session.getCacheTransactionSynchronization();
    }

    @Override
    public long getCachingTimestamp() {
        return began;
    }

    @Override
    public void transactionJoined() {
        if (lock != null) {
            end(true); // of work before this transaction, of whose end nobody has told
        }
        began = store.now();
        leads = session.isEventSource();
        collects = leads;
    }

    @Override
    public void transactionCompleting() {
        collects = false; // what comes now is too late for one command
        if (hasPending()) {
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

    /** Whether the session has changed anything that others cannot see yet, so that what it reads may be its own. */
    boolean hasPending() {
        return !items.isEmpty() || !whole.isEmpty() || !spaces.isEmpty();
    }

    boolean isPending(StoreRegion region, Bytes key) {
        return whole.contains(region) || items.containsKey(new Place(region, key));
    }

    boolean isSpacePending(StoreRegion timestamps, Bytes space) {
        return spaces.contains(new Place(timestamps, space));
    }

    void lock(StoreRegion region, Bytes key) {
        if (!mayWrite()) {
            // A refresh, which nobody says the end of.
            store.execute(region, new Command.Invalidate(region.slot(key)));
            return;
        }
        Place place = new Place(region, key);
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

    /** The value that the transaction gave to what it has locked, null if it gave none; whether it may get there. */
    boolean fill(StoreRegion region, Bytes key, @Nullable Bytes value) {
        Place place = new Place(region, key);
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
        if (lock == null) {
            lock = store.newLockId();
        }
        Set<StoreRegion> regions = new LinkedHashSet<>(all);
        places.forEach(place -> regions.add(place.region));
        RegionStore.Locked locked = store.lock(command(lock, places, all));
        if (locked == RegionStore.Locked.NO_REGION) {
            regions.forEach(StoreRegion::reopen);
            locked = store.lock(command(lock, places, all));
        }
        if (locked == RegionStore.Locked.NOT) {
            unlocked.addAll(regions);
        } else if (locked == RegionStore.Locked.NO_REGION) {
            throw new CacheException("a region was destroyed while this transaction wrote to it; try again");
        }
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
                end(status == Status.STATUS_COMMITTED);
            }
        });
        hearsOfTheEnd = true;
    }

    private void end(boolean successful) {
        if (lock != null && unlocked.isEmpty()) {
            List<Command.Fill> fills = new ArrayList<>();
            if (successful) {
                items.forEach((place, value) ->
                        value.ifPresent(bytes -> fills.add(new Command.Fill(place.region.slot(place.key), bytes))));
            }
            store.unlock(
                    lock,
                    fills,
                    spaces.stream().map(place -> place.region.slot(place.key)).toList());
        }
        if (!unlocked.isEmpty()) {
            store.clearLater(unlocked);
        }
        lock = null;
        unlocked.clear();
        items.clear();
        whole.clear();
        spaces.clear();
        open.clear();
    }
}
