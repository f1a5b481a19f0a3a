/**
 * What the annotations of JSR-107 ({@code javax.cache.annotation}) mean, apart from any container: the rules, the keys, and
 * what happens around a call. Over any JCache provider. May use the JDK and {@code javax.cache}; {@code cdi} connects it
 * with Jakarta CDI.
 *
 * <p>What a method's annotations say is resolved once and kept; a call then looks it up, makes a key, and asks the cache.
 */
@NullMarked
package io.concordcache.annotations;

import org.jspecify.annotations.NullMarked;
