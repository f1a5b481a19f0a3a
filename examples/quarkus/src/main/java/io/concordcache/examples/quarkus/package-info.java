/** Quarkus with Concord behind the annotations of JSR-107. */
@NullMarked
package io.concordcache.examples.quarkus;

import org.jspecify.annotations.NullMarked;
