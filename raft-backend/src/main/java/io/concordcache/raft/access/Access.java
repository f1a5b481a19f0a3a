package io.concordcache.raft.access;

import io.concordcache.raft.store.StartException;
import io.concordcache.raft.tls.FileWatch;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The grants of a member as its file has them now. Thread-safe, but for {@link #look}. */
public final class Access {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    private final Path file;
    private final FileWatch watch;
    private volatile Grants grants;

    private Access(Path file) {
        this.file = file;
        this.watch = new FileWatch(List.of(file));
        this.grants = AccessFile.read(file);
    }

    /**
     * Reads the file.
     *
     * @throws StartException that names file, line and what is wrong
     */
    public static Access open(Path file) {
        return new Access(file);
    }

    public Grants grants() {
        return grants;
    }

    /** Reads the file if it has changed, and keeps what it was if it is broken now. Whether something changed. */
    public boolean look() {
        if (!watch.hasChanged()) {
            return false;
        }
        try {
            grants = AccessFile.read(file);
            LOG.info("access: {} counts as it is now", file);
            return true;
        } catch (StartException e) {
            LOG.warn("access: the new file is refused, and what was read before counts on: {}", e.getMessage());
            return false;
        }
    }
}
