/**
 * How the keys and values of users become bytes, and come back.
 *
 * <p>The store knows bytes only; this is the one place that sees classes of the application. Keys are
 * compared by their bytes, so the common key types have encoders of their own that give equal bytes for
 * equal objects; everything else goes through Java serialization. Bytes come from other processes, so no
 * class is admitted unless {@link io.concordcache.raft.marshal.ClassFilter} names it, and the same rule
 * holds when writing: what could not be read back is refused before it is stored.
 *
 * <p>Uses the JDK, SLF4J for one warning, and libraries of compression if the application brings them.
 */
@NullMarked
package io.concordcache.raft.marshal;

import org.jspecify.annotations.NullMarked;
