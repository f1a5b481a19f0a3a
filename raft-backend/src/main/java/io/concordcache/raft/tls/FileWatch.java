package io.concordcache.raft.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Whether files have changed since they were read, by a look from time to time; for one thread. They are to be read when
 * they have settled: several are seldom replaced in the same moment.
 */
public final class FileWatch {
    /** How often to look. */
    public static final long LOOK_MILLIS = 1000;

    private final List<Path> files;
    /** Of the files that were read last, whether they were good or not. */
    private List<Stamp> read;
    /** As they were at the last look. */
    private List<Stamp> seen;

    private record Stamp(Object time, long size, Object key) {}

    /** Looks from time to time on a thread of this name, until that is shut down. */
    public static ScheduledExecutorService looking(String threadName, Runnable look) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        var unused = timer.scheduleWithFixedDelay(look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return timer;
    }

    /** To be made before the files are read. */
    public FileWatch(List<Path> files) {
        this.files = List.copyOf(files);
        read = stamps();
        seen = read;
    }

    /** Looks; true once for each change, when nothing has changed since the last look. */
    public boolean hasChanged() {
        List<Stamp> now = stamps();
        boolean settled = now.equals(seen);
        seen = now;
        if (!settled || now.equals(read)) {
            return false;
        }
        read = now;
        return true;
    }

    private List<Stamp> stamps() {
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(new Stamp(is.lastModifiedTime(), is.size(), String.valueOf(is.fileKey())));
            } catch (IOException e) {
                stamps.add(new Stamp("", -1, "gone"));
            }
        }
        return stamps;
    }
}
