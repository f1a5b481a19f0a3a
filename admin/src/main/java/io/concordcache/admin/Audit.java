package io.concordcache.admin;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the logger {@code concord.audit} who did what, and who was refused. A flood of refusals is cut: of more than
 * {@value #REFUSALS} in a second the rest is told by number.
 */
final class Audit {
    static final String LOGGER = "concord.audit";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final int REFUSALS = 20;
    private static final int SHOWN = 200;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long secondBegan = System.nanoTime();
    private int refusals;

    /** A request that changed something, or was to. */
    void done(Caller caller, String from, String method, String path, int status) {
        LOG.info(
                "{} ({}) from {}: {} {} -> {}",
                safe(caller.name()),
                caller.role(),
                from,
                safe(method),
                safe(path),
                status);
    }

    /** A request of somebody who may not. */
    void refused(String who, String from, String method, String path, String why) {
        int skipped = 0;
        synchronized (this) {
            long now = System.nanoTime();
            if (now - secondBegan >= SECOND) {
                skipped = Math.max(0, refusals - REFUSALS);
                secondBegan = now;
                refusals = 0;
            }
            refusals++;
            if (refusals > REFUSALS) {
                return;
            }
        }
        if (skipped > 0) {
            LOG.warn("{} more refusals", skipped);
        }
        LOG.warn("refused {} from {}: {} {}: {}", safe(who), from, safe(method), safe(path), why);
    }

    /** On one line, whatever the caller sent. */
    static String safe(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), SHOWN); i++) {
            char c = text.charAt(i);
            if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029' || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return text.length() > SHOWN ? out.append('…').toString() : out.toString();
    }
}
