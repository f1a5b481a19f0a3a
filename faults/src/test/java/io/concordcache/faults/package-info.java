/**
 * Runs real members and clients under faults, and judges what they saw.
 *
 * <p>A {@link io.concordcache.faults.Plan} says what is injected, a {@link io.concordcache.faults.Mix} what is asked for;
 * both follow from a seed. Members and clients are processes in network namespaces ({@link io.concordcache.faults.Nodes});
 * each of their threads ({@link io.concordcache.faults.Worker}) writes a {@link io.concordcache.faults.Journal} of what it
 * asked and was told, and the {@link io.concordcache.faults.Judge} gives these, part by part, to the checker of histories.
 * Nothing here knows how the product keeps its promises.
 */
package io.concordcache.faults;
