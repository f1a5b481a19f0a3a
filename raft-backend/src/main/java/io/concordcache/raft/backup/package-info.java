/** Backups of all caches of a store, in files, and their restoration into another. */
@NullMarked
package io.concordcache.raft.backup;

import org.jspecify.annotations.NullMarked;
