/** A web application for servers of Jakarta EE, with Concord behind the annotations of JSR-107 and behind Hibernate. */
@NullMarked
package io.concordcache.examples.jakarta;

import org.jspecify.annotations.NullMarked;
