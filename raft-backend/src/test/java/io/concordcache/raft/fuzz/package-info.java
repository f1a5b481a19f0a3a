/**
 * Damaged bytes for decoders. {@link io.concordcache.raft.fuzz.Mutator} makes them of valid ones, {@link
 * io.concordcache.raft.fuzz.Fuzz} judges what a decoder does with them; each room has a test of its own that names its
 * decoders. Knows nothing of the product.
 */
package io.concordcache.raft.fuzz;
