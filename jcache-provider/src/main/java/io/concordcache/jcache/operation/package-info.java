/**
 * The only routes from a cache to the store: reads, and writes as conditions × mutations, with expiry, read-through and
 * write-through. User code (policies, loaders, writers, processors) runs here, in the JVM that called.
 */
@NullMarked
package io.concordcache.jcache.operation;

import org.jspecify.annotations.NullMarked;
