/** Spring Boot with Concord as its cache and as Hibernate's. */
@NullMarked
package io.concordcache.examples.spring;

import org.jspecify.annotations.NullMarked;
