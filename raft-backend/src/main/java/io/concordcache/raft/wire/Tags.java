package io.concordcache.raft.wire;

/**
 * One byte for a constant of an enum: its place. So the order of these enums is on disk: constants are added at the end,
 * never moved or removed; the golden bytes of the tests hold it.
 */
final class Tags {
    private Tags() {}

    @SuppressWarnings("EnumOrdinal") // the order is the wire format, see above
    static void write(ByteWriter out, Enum<?> tag) {
        out.writeByte(tag.ordinal());
    }

    static <T extends Enum<T>> T read(ByteReader in, T[] known, String what) {
        int tag = in.readByte();
        if (tag >= known.length) {
            throw new CorruptDataException("unknown " + what + " tag " + tag + "; written by a newer version?");
        }
        return known[tag];
    }
}
