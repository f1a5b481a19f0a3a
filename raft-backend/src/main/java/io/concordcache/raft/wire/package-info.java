/**
 * The bytes of log entries and snapshots. Every shape has a tag and every stream a version; old shapes stay readable, and
 * what cannot be read is refused, never skipped.
 */
@NullMarked
package io.concordcache.raft.wire;

import org.jspecify.annotations.NullMarked;
