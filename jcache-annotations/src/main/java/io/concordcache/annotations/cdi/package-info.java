/**
 * The annotations in Jakarta CDI 4.0 and later: a portable extension for containers of CDI Full, a build compatible one for
 * those of CDI Lite, and the interceptor that both bind. May use all of {@code io.concordcache.annotations}, which knows
 * nothing of CDI.
 */
@NullMarked
package io.concordcache.annotations.cdi;

import org.jspecify.annotations.NullMarked;
