/**
 * JSR-107 (javax.cache 1.1.1) over the store port: the provider, its managers and caches. What touches the store lives in
 * {@code operation}; a cache checks arguments and reads outcomes.
 */
@NullMarked
package io.concordcache.jcache;

import org.jspecify.annotations.NullMarked;
