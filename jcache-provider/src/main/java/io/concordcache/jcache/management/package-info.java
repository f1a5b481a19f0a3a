/** Statistics and the MXBeans of JSR-107 chapter 11, counted at the caller. */
@NullMarked
package io.concordcache.jcache.management;

import org.jspecify.annotations.NullMarked;
