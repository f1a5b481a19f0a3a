package io.concordcache.raft.core;

import java.util.List;

/**
 * What one entry of the replicated log says: commands of one client, applied in order and as one.
 *
 * @param leaderMillis the leader's wall clock when it took the entry in, in milliseconds since the epoch
 * @param client the session; {@link ClientId#NONE} for an entry that registers and does nothing else
 * @param sequence counts the session's entries from 1; an entry sent again keeps its number and is applied once; 0 for
 *     {@link ClientId#NONE}, whose entries count each time they come
 * @param acknowledged the client has the outcomes of all its entries up to this number and will not ask again
 */
public record LogEntry(long leaderMillis, ClientId client, long sequence, long acknowledged, List<Command> commands) {
    public LogEntry {
        boolean registers = client.equals(ClientId.NONE);
        if (registers
                ? sequence != 0 || acknowledged != 0
                : sequence < 1 || acknowledged < 0 || acknowledged >= sequence) {
            throw new IllegalArgumentException(
                    "not a sequence of " + client + ": " + sequence + ", acknowledged " + acknowledged);
        }
        commands = List.copyOf(commands);
        for (Command command : commands) {
            if (command instanceof Command.Register != registers) {
                throw new IllegalArgumentException("a client registers before all else and once: " + command);
            }
        }
    }

    /** The entry by which a client asks for a session. */
    public static LogEntry registration(long leaderMillis) {
        return new LogEntry(leaderMillis, ClientId.NONE, 0, 0, List.of(new Command.Register()));
    }

    /** The same entry as taken in by a leader at that time. */
    public LogEntry at(long millis) {
        return new LogEntry(millis, client, sequence, acknowledged, commands);
    }
}
