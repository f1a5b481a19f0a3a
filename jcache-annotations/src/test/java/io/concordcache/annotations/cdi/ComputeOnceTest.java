package io.concordcache.annotations.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.annotations.ComputeOnce;
import io.concordcache.annotations.MethodKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.inject.Inject;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.annotation.CacheInvocationContext;
import javax.cache.annotation.CacheMethodDetails;
import javax.cache.annotation.CacheResolver;
import javax.cache.annotation.CacheResolverFactory;
import javax.cache.annotation.CacheResult;
import javax.cache.configuration.MutableConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComputeOnceTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int THREADS = 8;

    private final List<SeContainer> started = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private CacheManager manager;

    /** Its methods wait until the test lets them go on. */
    @ApplicationScoped
    public static class Slow {
        static AtomicInteger calls;
        static CountDownLatch gate;
        static List<CompletableFuture<String>> pending;

        @Inject
        Slow self;

        private static String work(String key) throws Exception {
            int call = calls.incrementAndGet();
            if (!gate.await(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the test did not let it go on");
            }
            return key + call;
        }

        @CacheResult(cacheName = "shop")
        public String unguarded(String key) throws Exception {
            return work(key);
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public String once(String key) throws Exception {
            return work(key);
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public List<String> list(String key) throws Exception {
            return new ArrayList<>(List.of(work(key)));
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public String failing(String key) throws Exception {
            throw new IllegalStateException(work(key));
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public String nothing(String key) throws Exception {
            work(key);
            return null;
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce(deadlineMillis = 50)
        public String impatient(String key) throws Exception {
            return calls.get() == 0 ? work(key) : key + calls.incrementAndGet();
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public String recursive(String key) {
            return calls.incrementAndGet() < 3 ? self.recursive(key) : "bottom";
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce
        public CompletionStage<String> stage(String key) {
            calls.incrementAndGet();
            CompletableFuture<String> begun = new CompletableFuture<>();
            pending.add(begun);
            return begun;
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce(deadlineMillis = 50)
        public CompletionStage<String> impatientStage(String key) {
            return calls.incrementAndGet() == 1
                    ? new CompletableFuture<>()
                    : CompletableFuture.completedFuture("second");
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER)
        public String cluster(String key) throws Exception {
            return work(key);
        }

        @CacheResult(cacheName = "shop")
        @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER, deadlineMillis = 200)
        public String impatientCluster(String key) {
            return key + calls.incrementAndGet();
        }
    }

    /** Caches whose {@code get} stops, once, after it has asked: what it answers is old by the time it is known. */
    public static class Stopping implements CacheResolverFactory {
        static final CountDownLatch[] GATE = new CountDownLatch[1];
        static final AtomicInteger GETS_BEFORE = new AtomicInteger();
        static CacheManager manager;

        @Override
        public CacheResolver getCacheResolver(CacheMethodDetails<? extends Annotation> details) {
            return new CacheResolver() {
                @Override
                @SuppressWarnings("unchecked")
                public <K, V> Cache<K, V> resolveCache(CacheInvocationContext<? extends Annotation> context) {
                    return (Cache<K, V>) STOPPING;
                }
            };
        }

        @Override
        public CacheResolver getExceptionCacheResolver(CacheMethodDetails<CacheResult> details) {
            throw new UnsupportedOperationException();
        }

        private static final Cache<?, ?> STOPPING = (Cache<?, ?>) Proxy.newProxyInstance(
                Stopping.class.getClassLoader(), new Class<?>[] {Cache.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("equals")) {
                        return proxy == arguments[0];
                    }
                    Object answer = method.invoke(manager.getCache("shop"), arguments);
                    if (method.getName().equals("get") && GETS_BEFORE.decrementAndGet() == -1) {
                        assertThat(GATE[0].await(SOON.toMillis(), TimeUnit.MILLISECONDS))
                                .isTrue();
                    }
                    return answer;
                });
    }

    @ApplicationScoped
    public static class Late {
        static AtomicInteger calls;

        @CacheResult(cacheResolverFactory = Stopping.class)
        @ComputeOnce
        public String once(String key) {
            return key + calls.incrementAndGet();
        }

        @CacheResult(cacheResolverFactory = Stopping.class)
        @ComputeOnce(scope = ComputeOnce.Scope.CLUSTER)
        public String cluster(String key) {
            return key + calls.incrementAndGet();
        }
    }

    private Late startLate(int getsBefore) {
        Late.calls = new AtomicInteger();
        Stopping.manager = manager;
        Stopping.GATE[0] = new CountDownLatch(1);
        Stopping.GETS_BEFORE.set(getsBefore);
        SeContainer container = Container.WELD.start(Late.class, Managers.class);
        started.add(container);
        return container.select(Late.class).get();
    }

    /** The one misses; before it leads, another has computed. */
    @Test
    void whoeverLeadsLooksAgain() throws Exception {
        Late late = startLate(0);
        FutureTask<String> first = inThreads(1, () -> late.once("k")).get(0);
        awaitWaiting();
        assertThat(late.once("k")).isEqualTo("k1");
        Stopping.GATE[0].countDown();
        assertThat(result(first)).isEqualTo("k1");
        assertThat(Late.calls).hasValue(1);
    }

    /** The one leads in its JVM; before it has the lock, another JVM has computed. */
    @Test
    void whoeverHasTheLockLooksAgain() throws Exception {
        Late here = startLate(1);
        FutureTask<String> first = inThreads(1, () -> here.cluster("k")).get(0);
        awaitWaiting();
        SeContainer other = Container.WELD.start(Late.class, Managers.class);
        started.add(other);
        assertThat(other.select(Late.class).get().cluster("k")).isEqualTo("k1");
        Stopping.GATE[0].countDown();
        assertThat(result(first)).isEqualTo("k1");
        assertThat(Late.calls).hasValue(1);
    }

    @Test
    void eachGetsACopyOfItsOwn() throws Exception {
        Slow slow = start();
        List<FutureTask<List<String>>> tasks = inThreads(THREADS, () -> slow.list("k"));
        awaitWaiting();
        Slow.gate.countDown();
        List<List<String>> lists = new ArrayList<>();
        for (FutureTask<List<String>> task : tasks) {
            lists.add(result(task));
        }
        for (int i = 0; i < THREADS; i++) {
            assertThat(lists.get(i)).containsExactly("k1");
            for (int j = 0; j < i; j++) {
                assertThat(lists.get(i)).isNotSameAs(lists.get(j));
            }
        }
    }

    @BeforeEach
    void openCaches() {
        Slow.calls = new AtomicInteger();
        Slow.gate = new CountDownLatch(1);
        Slow.pending = new CopyOnWriteArrayList<>();
        manager = Managers.fresh();
        manager.createCache("shop", new MutableConfiguration<>());
        Managers.use(manager);
    }

    @AfterEach
    void close() throws InterruptedException {
        Slow.gate.countDown();
        for (Thread thread : threads) {
            thread.join(SOON.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
        started.forEach(SeContainer::close);
        manager.close();
    }

    private Slow start() {
        SeContainer container = Container.WELD.start(Slow.class, Managers.class);
        started.add(container);
        return container.select(Slow.class).get();
    }

    private <T> List<FutureTask<T>> inThreads(int count, Callable<T> call) {
        List<FutureTask<T>> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FutureTask<T> task = new FutureTask<>(call);
            Thread thread = new Thread(task);
            threads.add(thread);
            tasks.add(task);
            thread.start();
        }
        return tasks;
    }

    /** Until all are at the gate, or wait for the one that is. */
    private void awaitWaiting() {
        Awaitility.await()
                .atMost(SOON)
                .until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        return task.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Test
    void withoutItEachCallThatMissesComputes() throws Exception {
        Slow slow = start();
        List<FutureTask<String>> tasks = inThreads(THREADS, () -> slow.unguarded("k"));
        awaitWaiting();
        Slow.gate.countDown();
        for (FutureTask<String> task : tasks) {
            result(task);
        }
        assertThat(Slow.calls).hasValue(THREADS);
    }

    @Test
    void oneComputesAndTheOthersGetItsResult() throws Exception {
        Slow slow = start();
        List<FutureTask<String>> tasks = inThreads(THREADS, () -> slow.once("k"));
        awaitWaiting();
        Slow.gate.countDown();
        for (FutureTask<String> task : tasks) {
            assertThat(result(task)).isEqualTo("k1");
        }
        assertThat(Slow.calls).hasValue(1);
    }

    @Test
    void otherKeysDoNotWait() throws Exception {
        Slow slow = start();
        inThreads(1, () -> slow.once("a"));
        inThreads(1, () -> slow.once("b"));
        Awaitility.await().atMost(SOON).until(() -> Slow.calls.get() == 2);
    }

    @Test
    void oneFailsForAllThatWait() {
        Slow slow = start();
        List<FutureTask<String>> tasks = inThreads(THREADS, () -> slow.failing("k"));
        awaitWaiting();
        Slow.gate.countDown();
        for (FutureTask<String> task : tasks) {
            assertThatThrownBy(() -> result(task)).hasRootCauseMessage("k1");
        }
        assertThat(Slow.calls).hasValue(1);
        assertThatThrownBy(() -> slow.failing("k")).hasMessage("k2");
    }

    @Test
    void nullIsSharedButNotCached() throws Exception {
        Slow slow = start();
        List<FutureTask<String>> tasks = inThreads(THREADS, () -> slow.nothing("k"));
        awaitWaiting();
        Slow.gate.countDown();
        for (FutureTask<String> task : tasks) {
            assertThat(result(task)).isNull();
        }
        assertThat(Slow.calls).hasValue(1);
        assertThat(slow.nothing("k")).isNull();
        assertThat(Slow.calls).hasValue(2);
    }

    @Test
    void noneWaitsLongerThanTheDeadline() throws Exception {
        Slow slow = start();
        inThreads(1, () -> slow.impatient("k"));
        Awaitility.await().atMost(SOON).until(() -> Slow.calls.get() == 1);
        assertThat(result(inThreads(1, () -> slow.impatient("k")).get(0))).isEqualTo("k2");
        assertThat(Slow.gate.getCount()).isEqualTo(1);
    }

    @Test
    void aMethodMayCallItself() throws Exception {
        Slow slow = start();
        assertThat(result(inThreads(1, () -> slow.recursive("k")).get(0))).isEqualTo("bottom");
        assertThat(Slow.calls).hasValue(3);
    }

    @Test
    void oneStageIsForAll() {
        Slow slow = start();
        CompletionStage<String> first = slow.stage("k");
        CompletionStage<String> second = slow.stage("k");
        assertThat(Slow.calls).hasValue(1);
        Slow.pending.get(0).complete("v");
        assertThat(first.toCompletableFuture()).succeedsWithin(SOON).isEqualTo("v");
        assertThat(second.toCompletableFuture()).succeedsWithin(SOON).isEqualTo("v");
        assertThat(slow.stage("k").toCompletableFuture()).isCompletedWithValue("v");
        assertThat(Slow.calls).hasValue(1);
    }

    @Test
    void aStageThatFailsFailsForAll() {
        Slow slow = start();
        CompletionStage<String> first = slow.stage("k");
        CompletionStage<String> second = slow.stage("k");
        Slow.pending.get(0).completeExceptionally(new IllegalStateException("failed"));
        assertThat(first.toCompletableFuture()).failsWithin(SOON);
        assertThat(second.toCompletableFuture())
                .failsWithin(SOON)
                .withThrowableThat()
                .withMessageContaining("failed");
        slow.stage("k");
        assertThat(Slow.calls).hasValue(2);
    }

    @Test
    void noStageWaitsLongerThanTheDeadline() {
        Slow slow = start();
        CompletionStage<String> first = slow.impatientStage("k");
        assertThat(slow.impatientStage("k").toCompletableFuture())
                .succeedsWithin(SOON)
                .isEqualTo("second");
        assertThat(first.toCompletableFuture()).isNotDone();
    }

    @Test
    void twoContainersComputeOnceByALockInACache() throws Exception {
        Slow here = start();
        Slow there = start();
        List<FutureTask<String>> tasks = new ArrayList<>(inThreads(1, () -> here.cluster("k")));
        Awaitility.await().atMost(SOON).until(() -> Slow.calls.get() == 1);
        assertThat(manager.getCache("shop.locks-30000").iterator().hasNext()).isTrue();
        tasks.addAll(inThreads(1, () -> there.cluster("k")));
        awaitWaiting();
        Slow.gate.countDown();
        for (FutureTask<String> task : tasks) {
            assertThat(result(task)).isEqualTo("k1");
        }
        assertThat(Slow.calls).hasValue(1);
        assertThat(manager.getCache("shop.locks-30000").iterator().hasNext()).isFalse();
    }

    @Test
    void aLockWhoseHolderHasDiedEndsByItsDeadline() throws Exception {
        Slow slow = start();
        assertThat(slow.impatientCluster("a")).isEqualTo("a1");
        manager.<Object, Object>getCache("shop.locks-200").put(MethodKey.of("b"), "a process that is no more");
        FutureTask<String> waiting =
                inThreads(1, () -> slow.impatientCluster("b")).get(0);
        assertThat(result(waiting)).isEqualTo("b2");
    }

    @Test
    void theLockOfAnotherIsNotRemoved() throws Exception {
        Slow slow = start();
        FutureTask<String> task = inThreads(1, () -> slow.cluster("k")).get(0);
        Awaitility.await().atMost(SOON).until(() -> Slow.calls.get() == 1);
        manager.<Object, Object>getCache("shop.locks-30000").put(MethodKey.of("k"), "of another");
        Slow.gate.countDown();
        result(task);
        assertThat(manager.<Object, Object>getCache("shop.locks-30000").get(MethodKey.of("k")))
                .isEqualTo("of another");
    }
}
