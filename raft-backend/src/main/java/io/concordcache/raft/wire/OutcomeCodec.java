package io.concordcache.raft.wire;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Outcome;

/** Bytes of an {@link Outcome}: status, version before, version after, and the value before if there is one. */
final class OutcomeCodec {
    private OutcomeCodec() {}

    static void write(ByteWriter out, Outcome outcome) {
        Bytes value = outcome.beforeValue();
        Tags.write(out, outcome.status());
        out.writeVarLong(outcome.beforeVersion());
        out.writeVarLong(outcome.afterVersion());
        out.writeByte(value == null ? 0 : 1);
        if (value != null) {
            out.writeBytes(value);
        }
    }

    static Outcome read(ByteReader in) {
        Outcome.Status status = Tags.read(in, Outcome.Status.values(), "status");
        long before = in.readVarLong();
        long after = in.readVarLong();
        return new Outcome(status, before, in.readByte() == 0 ? null : in.readBytes(), after);
    }
}
