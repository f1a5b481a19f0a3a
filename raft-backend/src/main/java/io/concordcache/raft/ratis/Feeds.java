package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Change;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.wire.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The streams of changes that clients read from this member. */
final class Feeds {
    /** A client that lags by more is told that it missed something. */
    private static final int MAX_WAITING = 20_000;

    private final List<Feed> feeds = new CopyOnWriteArrayList<>();

    /** Called on the thread that applies the log, after the changes of the entry were published. */
    void applied(long index, LeaderClock clock) {
        for (Feed feed : feeds) {
            feed.applied(index, clock);
        }
    }

    /** Opens a stream of the changes of a cache. The first message, without changes, says that it is open. */
    void open(RatisStore store, long cacheId, RpcService.Sink sink) {
        Feed feed = new Feed(sink);
        CacheStore.Subscription subscription = store.subscribe(cacheId, feed);
        feeds.add(feed);
        sink.onCancel(() -> {
            feeds.remove(feed);
            subscription.close();
        });
        sink.onReady(feed::flush);
        feed.begin(store.stateMachine().applied().get(), store.nowMillis());
    }

    /** The changes of one cache on their way to one client; they wait while the connection is busy. */
    private static final class Feed implements ChangeListener {
        private final RpcService.Sink sink;
        private List<Change> waiting = new ArrayList<>();
        private boolean missed;
        private long index;
        private long nowMillis;
        private long sentIndex = -1;

        Feed(RpcService.Sink sink) {
            this.sink = sink;
        }

        synchronized void begin(long at, long millis) {
            index = at;
            nowMillis = millis;
            send();
        }

        @Override
        public synchronized void changed(Change change) {
            if (waiting.size() >= MAX_WAITING) {
                missed();
            }
            waiting.add(change);
        }

        @Override
        public synchronized void missed() {
            missed = true;
            waiting = new ArrayList<>();
        }

        synchronized void applied(long at, LeaderClock clock) {
            index = at;
            nowMillis = clock.estimate();
            flush();
        }

        synchronized void flush() {
            if (sink.isReady() && index > sentIndex) {
                send();
            }
        }

        private void send() {
            sink.send(new Response.Changes(missed, waiting, index, nowMillis));
            sentIndex = index;
            missed = false;
            waiting = new ArrayList<>();
        }
    }
}
