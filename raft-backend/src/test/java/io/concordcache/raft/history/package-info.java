/**
 * Checks what callers saw of a cache: linearizability for each key, one order over keys by the index of the log, and the
 * weaker levels of reads. No clock, no thread: times are those of the history. It knows nothing of the product; simulations
 * and tests with real processes write {@link io.concordcache.raft.history.Op operations}, one a line.
 *
 * <p>After Herlihy and Wing, "Linearizability" (TOPLAS 1990); Wing and Gong, "Testing and verifying concurrent objects"
 * (JPDC 1993); Lowe, "Testing for linearizability" (CCPE 2017); Gibbons and Korach, "Testing shared memories" (SIAM J.
 * Computing 1997); Golab, Li and Shah, "Analyzing consistency properties for fun and profit" (PODC 2011).
 */
package io.concordcache.raft.history;
