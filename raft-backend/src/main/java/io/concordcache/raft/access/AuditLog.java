package io.concordcache.raft.access;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of what administrators do, and of who is refused: a line for each. Thread-safe. */
public final class AuditLog {
    /** Of the logger. */
    public static final String NAME = "concord.audit";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    private AuditLog() {}

    /**
     * Writes a line.
     *
     * @param who the caller, as {@link Grants#name} has it
     * @param from the address
     * @param result "done", or "failed: " and why
     */
    public static void tell(String who, String from, String what, String result) {
        LOG.info(
                "who=\"{}\" from=\"{}\" what=\"{}\" result=\"{}\"",
                Escaped.of(who),
                Escaped.of(from),
                Escaped.of(what),
                Escaped.of(result));
    }
}
