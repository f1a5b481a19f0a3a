package io.concordcache.faults;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One fault of a {@link Plan}.
 *
 * @param number from 1
 * @param at which member suffers, counted from the leader, which is 0, around; of kinds that name whom, or hit all, no use
 * @param restMillis time in peace before it begins, once the fault before is over
 * @param lengthMillis for how long it lasts, more or less: some end when the member is back
 * @param strength from 0 to 1, of kinds of which there is more and less
 */
record Fault(int number, Kind kind, int at, long restMillis, long lengthMillis, double strength) {

    /** What may happen; where it concerns one process, to which. */
    enum Kind {
        KILL_LEADER(Whom.LEADER, "kill -9 of the leader"),
        KILL_FOLLOWER(Whom.FOLLOWER, "kill -9 of a follower"),
        KILL_ALL(Whom.ALL, "kill -9 of all members at once"),
        KILL_ROLLING(Whom.ALL, "kill -9 of one member after the other"),
        KILL_CLIENT(Whom.CLIENT, "kill -9 of a client"),
        STOP_LEADER(Whom.LEADER, "SIGSTOP of the leader"),
        STOP_FOLLOWER(Whom.FOLLOWER, "SIGSTOP of a follower"),
        CUT_LEADER(Whom.LEADER, "the leader alone on one side of a cut, majority and clients on the other"),
        CUT_FOLLOWER(Whom.FOLLOWER, "a follower alone on one side of a cut"),
        CUT_ALL(Whom.ALL, "no member reaches another"),
        CUT_BRIDGE(Whom.FOLLOWER, "two halves that only one member reaches both of"),
        CUT_OUT(Whom.LEADER, "what the leader sends is lost, what is sent to it arrives"),
        CUT_IN(Whom.ANY, "what is sent to a member is lost, what it sends arrives"),
        CUT_CLIENT(Whom.CLIENT, "a client reaches no member"),
        LOSS(Whom.ALL, "packets are lost on all links"),
        SLOW(Whom.ANY, "a member sends through a narrow link, with a queue"),
        DELAY(Whom.LEADER, "packets take 20 to 200 ms each way, on all links or those of the leader"),
        REORDER(Whom.ALL, "packets overtake each other on all links, and some come twice"),
        CLOCK_HOUR(Whom.ANY, "the wall clock jumps by an hour"),
        CLOCK_SECOND(Whom.LEADER, "the wall clock jumps by a second"),
        TRANSFER(Whom.FOLLOWER, "the lead is handed over"),
        LAG(Whom.FOLLOWER, "a member is away until the log it needs is gone: it gets a snapshot"),
        REPLACE(Whom.ANY, "a member is removed, loses its directory, joins again and is added"),
        DISK_FULL(Whom.SMALL_DISK, "no space on the disk of a member"),
        IO_ERROR(Whom.ANY, "writes of a member to its disk fail now and then"),
        READ_ONLY(Whom.SMALL_DISK, "a member starts on a disk that is mounted read-only"),
        TORN_LOG(Whom.FOLLOWER, "the last bytes of a member's log are missing"),
        FLIPPED_LOG(Whom.FOLLOWER, "a bit near the end of a member's log is flipped"),
        FLIPPED_SNAPSHOT(Whom.FOLLOWER, "a bit in a member's snapshot is flipped");

        private final Whom whom;
        private final String says;

        Kind(Whom whom, String says) {
            this.whom = whom;
            this.says = says;
        }

        Whom whom() {
            return whom;
        }

        String says() {
            return says;
        }

        /** Whether a process ends with it, and another takes its place. */
        boolean endsProcesses() {
            return switch (this) {
                case KILL_LEADER,
                        KILL_FOLLOWER,
                        KILL_ALL,
                        KILL_ROLLING,
                        KILL_CLIENT,
                        LAG,
                        REPLACE,
                        READ_ONLY,
                        TORN_LOG,
                        FLIPPED_LOG,
                        FLIPPED_SNAPSHOT -> true;
                case STOP_LEADER,
                        STOP_FOLLOWER,
                        CUT_LEADER,
                        CUT_FOLLOWER,
                        CUT_ALL,
                        CUT_BRIDGE,
                        CUT_OUT,
                        CUT_IN,
                        CUT_CLIENT,
                        LOSS,
                        SLOW,
                        DELAY,
                        REORDER,
                        CLOCK_HOUR,
                        CLOCK_SECOND,
                        TRANSFER,
                        DISK_FULL,
                        IO_ERROR -> false;
            };
        }

        static Kind parse(String text) {
            return Arrays.stream(values())
                    .filter(kind -> kind.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there is no fault " + text + "; there are "
                            + Arrays.stream(values()).map(Kind::text).collect(Collectors.joining(", "))));
        }

        /** As it is written in reports and on the command line. */
        String text() {
            return Text.lower(this);
        }
    }

    enum Whom {
        LEADER,
        FOLLOWER,
        ANY,
        /** The one member whose disk is a small one of its own. */
        SMALL_DISK,
        CLIENT,
        ALL
    }
}
