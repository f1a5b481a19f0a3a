package io.concordcache.raft.wire;

/** Bytes that are not what they should be: damaged, cut off, or of a newer version. The message says which and where. */
public final class CorruptDataException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CorruptDataException(String message) {
        super(message);
    }

    public CorruptDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
