package io.concordcache.raft.core;

/** Reads the bytes of one command: the wire format as the core needs it, for commands that came in parts. Pure. */
@FunctionalInterface
public interface CommandReader {
    /** Throws if these are not the bytes of a command that this program knows; then the replica stops. */
    Command read(Bytes bytes);
}
