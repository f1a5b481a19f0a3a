/** From changes of the store to the listeners of JSR-107 chapter 8: once each, in log order for each key. */
@NullMarked
package io.concordcache.jcache.event;

import org.jspecify.annotations.NullMarked;
