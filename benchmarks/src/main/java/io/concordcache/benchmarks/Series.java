package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.ValueType;
import io.concordcache.benchmarks.member.Work;

/**
 * What is measured once in each round.
 *
 * @param members of the cluster
 * @param threads on each member that is loaded
 * @param valueBytes of a value
 */
record Series(Candidate candidate, Work work, ValueType type, Place place, int members, int threads, int valueBytes) {

    Step step() {
        return new Step(work, type, valueBytes, threads, Step.Where.ONE);
    }
}
