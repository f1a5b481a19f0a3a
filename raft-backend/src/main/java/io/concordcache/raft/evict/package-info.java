/** Which entries leave a cache that has grown beyond its bounds. The leader chooses, the log makes it so everywhere. */
@NullMarked
package io.concordcache.raft.evict;

import org.jspecify.annotations.NullMarked;
