/**
 * Who may do what with which cache: grants from a file, and the decision by them, pure. Knows requests and commands, but no
 * connection.
 */
@NullMarked
package io.concordcache.raft.access;

import org.jspecify.annotations.NullMarked;
