package io.concordcache.server;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** How far a long command is, on the error output of a terminal; says nothing elsewhere. */
final class Progress implements AutoCloseable {
    private static final int MIB = 1 << 20;

    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    static Progress of(String what, long total) {
        return new Progress(
                isTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName(what)
                                .setInitialMax(total)
                                .build()
                        : null);
    }

    /** Of a length that is not known. */
    static Progress ofBytes(String what) {
        return new Progress(
                isTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName(what)
                                .setInitialMax(-1)
                                .setUnit(" MiB", MIB)
                                .build()
                        : null);
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on there is one without a terminal: a line more, no harm
    private static boolean isTerminal() {
        return System.console() != null;
    }

    void at(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
