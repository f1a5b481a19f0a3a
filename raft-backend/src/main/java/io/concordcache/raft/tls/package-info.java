/**
 * TLS from files, with the JDK alone: settings, contexts that follow the files, and whom a certificate names. Knows nothing of
 * caches or of Raft.
 */
@NullMarked
package io.concordcache.raft.tls;

import org.jspecify.annotations.NullMarked;
