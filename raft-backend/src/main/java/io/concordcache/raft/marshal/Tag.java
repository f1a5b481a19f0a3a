package io.concordcache.raft.marshal;

/**
 * The first byte of every encoding. A number is never given a second meaning: a changed form gets a new
 * tag and the old one stays readable. From 64 on they are those of {@link CompressingMarshaller}.
 */
final class Tag {
    static final byte STRING_LATIN1 = 1;
    static final byte STRING_UTF8 = 2;
    static final byte STRING_UTF16 = 3;
    static final byte FALSE = 4;
    static final byte TRUE = 5;
    static final byte BYTE = 6;
    static final byte SHORT = 7;
    static final byte CHARACTER = 8;
    static final byte INTEGER = 9;
    static final byte LONG = 10;
    static final byte FLOAT = 11;
    static final byte DOUBLE = 12;

    static final byte BYTES = 16;
    static final byte INTS = 17;
    static final byte LONGS = 18;
    static final byte STRINGS = 19;

    static final byte UUID = 24;
    static final byte BIG_INTEGER = 25;
    static final byte BIG_DECIMAL = 26;

    static final byte INSTANT = 32;
    static final byte DURATION = 33;
    static final byte LOCAL_DATE = 34;
    static final byte LOCAL_TIME = 35;
    static final byte LOCAL_DATE_TIME = 36;
    static final byte OFFSET_DATE_TIME = 37;
    static final byte ZONED_DATE_TIME = 38;
    static final byte YEAR = 39;
    static final byte YEAR_MONTH = 40;
    static final byte PERIOD = 41;
    static final byte ZONE_OFFSET = 42;
    static final byte DATE = 43;

    static final byte ENUM = 48;
    static final byte RECORD = 49;

    /** The rest is a stream of the Java Object Serialization Specification, its header included. */
    static final byte SERIALIZED = 56;

    private Tag() {}
}
