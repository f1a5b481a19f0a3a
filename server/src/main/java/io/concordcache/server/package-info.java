/** The standalone member and the command line. The only room that knows picocli. */
@NullMarked
package io.concordcache.server;

import org.jspecify.annotations.NullMarked;
