/** jgroups-raft as a system under test. */
@NullMarked
package io.concordcache.benchmarks.jgroupsraft;

import org.jspecify.annotations.NullMarked;
