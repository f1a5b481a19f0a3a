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
        /**
         * The client is not known (any more), and this is not its first entry. Not applied now; a client that was idle
         * too long goes on under a new id.
         */
        CLIENT_UNKNOWN
    }
}
