/** Meters of Micrometer over the store port. Knows neither JCache nor the server. */
@NullMarked
package io.concordcache.metrics;

import org.jspecify.annotations.NullMarked;
