package io.concordcache.raft.cluster;

import java.nio.file.Path;

/** Small disks in memory; needs root and {@code mount}. */
public final class Disks {
    private Disks() {}

    /** Mounts one of a size, as {@code mount} takes it, over a directory. */
    public static void mount(Path directory, String size) {
        Processes.run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString());
    }

    public static void unmount(Path directory) {
        Processes.run("umount", directory.toString());
    }
}
