/**
 * What runs in the JVM of a member: the system under test behind one interface, and the load on it. Needs the JDK and
 * HdrHistogram only, so that it fits on the class path of any system.
 */
@NullMarked
package io.concordcache.benchmarks.member;

import org.jspecify.annotations.NullMarked;
