@NullMarked
package io.concordcache.raft.management;

import org.jspecify.annotations.NullMarked;
