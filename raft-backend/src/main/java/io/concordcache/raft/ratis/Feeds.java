package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Change;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ChangeListener;
import io.concordcache.raft.store.StoreException;
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

    /**
     * Opens a stream of the changes of a cache. The first message, without changes, says that it is open.
     *
     * @param check throws if the client may not hear of them any more
     */
    void open(RatisStore store, long cacheId, RpcService.Sink sink, Runnable check) {
        Feed feed = new Feed(sink, check);
        CacheStore.Subscription subscription = store.subscribe(cacheId, feed);
        feed.closing = () -> {
            feeds.remove(feed);
            subscription.close();
        };
        feeds.add(feed);
        sink.onCancel(feed.closing);
        sink.onReady(feed::flush);
        // The changes of an entry that is just being applied may have been published before the feed was there to hear.
        long from = store.newestIndex();
        var unused =
                store.stateMachine().applied().await(from).thenAccept(applied -> feed.begin(from, store.nowMillis()));
    }

    /** Ends the streams of those who may not hear any more. */
    void checkAll() {
        for (Feed feed : feeds) {
            feed.check();
        }
    }

    /** The changes of one cache on their way to one client; they wait while the connection is busy. */
    private static final class Feed implements ChangeListener {
        private final RpcService.Sink sink;
        private final Runnable check;
        private volatile Runnable closing = () -> {};
        /** Of the entry that is being applied: a message tells an entry whole, or its reader would take it for told. */
        private final List<Change> coming = new ArrayList<>();

        private List<Change> waiting = new ArrayList<>();
        private boolean begun;
        private boolean ended;
        private boolean missed;
        private long index = -1;
        private long nowMillis;
        private long sentIndex = -1;

        Feed(RpcService.Sink sink, Runnable check) {
            this.sink = sink;
            this.check = check;
        }

        void check() {
            try {
                check.run();
            } catch (StoreException e) {
                end(Forwarding.response(e));
            }
        }

        private synchronized void end(Response last) {
            if (!ended) {
                ended = true;
                closing.run();
                sink.send(last);
                sink.complete();
            }
        }

        /** All changes after this index are heard, and what was before is to be read. */
        synchronized void begin(long at, long millis) {
            begun = true;
            index = Math.max(index, at);
            nowMillis = Math.max(nowMillis, millis);
            send();
        }

        @Override
        public synchronized void changed(Change change) {
            coming.add(change);
        }

        @Override
        public synchronized void missed() {
            missed = true;
            waiting = new ArrayList<>();
        }

        synchronized void applied(long at, LeaderClock clock) {
            if (waiting.size() + coming.size() > MAX_WAITING) {
                missed();
            }
            if (coming.size() > MAX_WAITING) {
                coming.clear();
            }
            waiting.addAll(coming);
            coming.clear();
            index = at;
            nowMillis = clock.estimate();
            flush();
        }

        synchronized void flush() {
            if (begun && sink.isReady() && index > sentIndex) {
                send();
            }
        }

        private void send() {
            if (ended) {
                return;
            }
            sink.send(new Response.Changes(missed, waiting, index, nowMillis));
            sentIndex = index;
            missed = false;
            waiting = new ArrayList<>();
        }
    }
}
