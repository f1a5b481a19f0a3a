/**
 * The admin port of a server: an API over HTTP, health, metrics and a console, over the store port. The one room that knows
 * HTTP; of Raft and of JCache it knows nothing.
 */
@NullMarked
package io.concordcache.admin;

import org.jspecify.annotations.NullMarked;
