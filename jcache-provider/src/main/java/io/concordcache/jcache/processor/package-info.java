/** Entry processors (JSR-107 chapter 7): what one did to its entry, as the one net effect that is then written. */
@NullMarked
package io.concordcache.jcache.processor;

import org.jspecify.annotations.NullMarked;
