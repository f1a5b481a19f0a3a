/**
 * Read leases: how any member answers linearizable reads from its own replica, without a message. Pure: no clock, thread,
 * file or log; times and indexes are arguments. The protocol is described in {@code docs/adr/0009-read-leases.md}.
 */
@NullMarked
package io.concordcache.raft.lease;

import org.jspecify.annotations.NullMarked;
