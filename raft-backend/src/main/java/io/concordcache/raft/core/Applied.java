package io.concordcache.raft.core;

import java.util.List;

/**
 * What came of a {@link LogEntry}.
 *
 * @param outcomes for each command its outcomes, in order; empty unless the result is {@link Result#APPLIED} or
 *     {@link Result#REPEATED}
 * @param changes in the order in which they happened; empty for a repeated entry
 */
public record Applied(Result result, List<List<Outcome>> outcomes, List<Change> changes) {

    /** How the client's sequence number was met. */
    public enum Result {
        /** Applied now. */
        APPLIED,
        /** Applied before: the outcomes of then. */
        REPEATED,
        /** The client has acknowledged these outcomes already; they are gone. */
        FORGOTTEN,
        /** The client has no session (any more), and never will again. Not applied now; whoever it is registers anew. */
        CLIENT_UNKNOWN
    }
}
