package io.concordcache.jcache;

import java.net.URI;

/** Everything is the same without a near cache. */
class WithoutNearCacheTest extends CacheBehaviourTest {
    @Override
    URI uri() {
        return URI.create("concord:local?caches.default.near-cache=off");
    }
}
