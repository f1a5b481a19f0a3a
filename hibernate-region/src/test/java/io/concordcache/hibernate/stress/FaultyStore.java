package io.concordcache.hibernate.stress;

import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Outcome;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.EntryReader;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.StoreUnavailableException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The way to a store on which calls may be late, fail, or lose their answer. What was loaded may always be late, as nobody
 * waits for it.
 */
final class FaultyStore implements InvocationHandler {
    private static final Set<String> FAIL =
            Set.of("submit", "execute", "executeAll", "get", "getAll", "keys", "size", "cache", "caches");
    private static final int LATEST_MILLIS = 60;

    /** Which guard is left out, to see that it is missed. */
    enum Canary {
        NONE,
        /** Nobody learns what a transaction changes until it has committed. */
        NO_LOCK,
        /** What was loaded gets in whenever it comes, unless the key is locked. */
        ANY_LOAD
    }

    private final Object target;
    private final Canary canary;

    /** Of a thousand calls so many go wrong. */
    private static volatile int failing;

    private FaultyStore(Object target, Canary canary) {
        this.target = target;
        this.canary = canary;
    }

    static CacheStore on(CacheStore store, Canary canary) {
        return proxy(CacheStore.class, new FaultyStore(store, canary));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(FaultyStore.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    static void setFailing(int ofThousand) {
        failing = ofThousand;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (arguments != null && arguments[0] instanceof Command.PutFromLoad load) {
            return late(canary == Canary.ANY_LOAD ? withoutTime(load) : load);
        }
        if (canary == Canary.NO_LOCK && arguments != null && arguments[0] instanceof Command.SoftLock lock) {
            return ((CacheStore) target).execute(new Command.SoftLock(lock.id(), 0, lock.slots(), lock.caches()));
        }
        if (!FAIL.contains(method.getName()) || ThreadLocalRandom.current().nextInt(1000) >= failing) {
            Object result = call(method, arguments);
            return result instanceof EntryReader reader
                    ? proxy(EntryReader.class, new FaultyStore(reader, canary))
                    : result;
        }
        return CompletableFuture.class == method.getReturnType()
                ? CompletableFuture.supplyAsync(() -> join(method, arguments))
                : fail(method, arguments);
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Object fail(Method method, Object[] arguments) throws Throwable {
        switch (ThreadLocalRandom.current().nextInt(3)) {
            case 0 -> throw new StoreUnavailableException("not sent");
            case 1 -> {
                var unused = call(method, arguments);
                throw new OutcomeUnknownException("the answer was lost");
            }
            default -> {
                TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(5 * LATEST_MILLIS));
                return call(method, arguments);
            }
        }
    }

    private Object join(Method method, Object[] arguments) {
        try {
            return ((CompletableFuture<?>) fail(method, arguments)).join();
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<List<Outcome>> late(Command.PutFromLoad load) {
        CacheStore store = (CacheStore) target;
        int millis = ThreadLocalRandom.current().nextInt(4 * LATEST_MILLIS);
        return millis > LATEST_MILLIS
                ? store.submit(load)
                : CompletableFuture.supplyAsync(
                                () -> store.submit(load),
                                CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS))
                        .thenCompose(submitted -> submitted);
    }

    private static Command.PutFromLoad withoutTime(Command.PutFromLoad load) {
        return new Command.PutFromLoad(load.slot(), Long.MAX_VALUE, load.value());
    }
}
