/** A shop whose database Hibernate reads through Concord. */
@NullMarked
package io.concordcache.examples.shop;

import org.jspecify.annotations.NullMarked;
