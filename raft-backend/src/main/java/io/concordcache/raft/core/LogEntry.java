package io.concordcache.raft.core;

import java.util.List;

/**
 * What one entry of the replicated log says: commands of one client, applied in order and as one.
 *
 * @param leaderMillis the leader's wall clock when it took the entry in, in milliseconds since the epoch
 * @param sequence counts the client's entries from 1; an entry sent again keeps its number and is applied once
 * @param acknowledged the client has the outcomes of all its entries up to this number and will not ask again
 */
public record LogEntry(long leaderMillis, ClientId client, long sequence, long acknowledged, List<Command> commands) {
    public LogEntry {
        if (sequence < 1 || acknowledged < 0 || acknowledged >= sequence) {
            throw new IllegalArgumentException(
                    "not a sequence of a client: " + sequence + ", acknowledged " + acknowledged);
        }
        commands = List.copyOf(commands);
    }

    /** The same entry as taken in by a leader at that time. */
    public LogEntry at(long millis) {
        return new LogEntry(millis, client, sequence, acknowledged, commands);
    }
}
