package io.concordcache.raft.ratis;

import io.concordcache.raft.core.Applied;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.wire.CommandCodec;
import java.util.Objects;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/** A log entry on its way to a leader in this JVM: the bytes for the log, the object for the state machine. */
final class EntryMessage implements Message {
    private final LogEntry entry;
    private final ByteString content;

    EntryMessage(LogEntry entry) {
        this.entry = entry;
        this.content = UnsafeByteOperations.unsafeWrap(CommandCodec.encodeRequest(entry));
    }

    LogEntry entry() {
        return entry;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    /** What came of an entry, on its way back within this JVM. */
    static final class Reply implements Message {
        private final long index;
        private @Nullable Applied applied;

        Reply(Applied applied, long index) {
            this.applied = applied;
            this.index = index;
        }

        /** Where in the log the entry stands. */
        long index() {
            return index;
        }

        /** Gives the outcome away, once: the server's cache of replies must not keep it alive. */
        Applied take() {
            Applied taken = Objects.requireNonNull(applied, "taken before");
            applied = null;
            return taken;
        }

        @Override
        public ByteString getContent() {
            return ByteString.EMPTY;
        }
    }
}
