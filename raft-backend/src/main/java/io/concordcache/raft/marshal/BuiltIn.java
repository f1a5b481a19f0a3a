package io.concordcache.raft.marshal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The encoder of one JDK class, for exactly that class. Strings, booleans, enums and records have rules
 * of their own and are not here.
 */
record BuiltIn<T>(byte tag, Class<T> type, BiConsumer<ByteWriter, T> body, Function<ByteReader, T> parser) {
    private static final int USUAL_SIZE = 23;
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    // Users have Dates, whatever is better.
    @SuppressWarnings("JavaUtilDate")
    static final List<BuiltIn<?>> ALL = List.of(
            new BuiltIn<>(Tag.BYTE, Byte.class, (out, v) -> out.writeByte(v), ByteReader::readByte),
            new BuiltIn<>(Tag.SHORT, Short.class, (out, v) -> out.writeShort(v), in -> (short) in.readShort()),
            new BuiltIn<>(Tag.CHARACTER, Character.class, (out, v) -> out.writeShort(v), in -> (char) in.readShort()),
            new BuiltIn<>(Tag.INTEGER, Integer.class, (out, v) -> out.writeZigzag(v), ByteReader::readZigzagInt),
            new BuiltIn<>(Tag.LONG, Long.class, (out, v) -> out.writeZigzag(v), ByteReader::readZigzag),
            // Not the raw bits: every NaN equals every other, so all need the same bytes.
            new BuiltIn<>(
                    Tag.FLOAT,
                    Float.class,
                    (out, v) -> out.writeInt(Float.floatToIntBits(v)),
                    in -> Float.intBitsToFloat(in.readInt())),
            new BuiltIn<>(
                    Tag.DOUBLE,
                    Double.class,
                    (out, v) -> out.writeLong(Double.doubleToLongBits(v)),
                    in -> Double.longBitsToDouble(in.readLong())),
            new BuiltIn<>(Tag.BYTES, byte[].class, ByteWriter::writeBytes, ByteReader::readRest),
            new BuiltIn<>(Tag.INTS, int[].class, BuiltIn::writeInts, BuiltIn::readInts),
            new BuiltIn<>(Tag.LONGS, long[].class, BuiltIn::writeLongs, BuiltIn::readLongs),
            new BuiltIn<>(
                    Tag.UUID,
                    UUID.class,
                    (out, v) -> out.writeLong(v.getMostSignificantBits()).writeLong(v.getLeastSignificantBits()),
                    in -> new UUID(in.readLong(), in.readLong())),
            new BuiltIn<>(
                    Tag.BIG_INTEGER,
                    BigInteger.class,
                    (out, v) -> out.writeBytes(v.toByteArray()),
                    in -> new BigInteger(in.readRest())),
            new BuiltIn<>(
                    Tag.BIG_DECIMAL,
                    BigDecimal.class,
                    (out, v) -> out.writeZigzag(v.scale())
                            .writeBytes(v.unscaledValue().toByteArray()),
                    BuiltIn::readBigDecimal),
            new BuiltIn<>(
                    Tag.INSTANT,
                    Instant.class,
                    (out, v) -> out.writeZigzag(v.getEpochSecond()).writeVarint(v.getNano()),
                    in -> Instant.ofEpochSecond(in.readZigzag(), readNanos(in))),
            new BuiltIn<>(
                    Tag.DURATION,
                    Duration.class,
                    (out, v) -> out.writeZigzag(v.getSeconds()).writeVarint(v.getNano()),
                    in -> Duration.ofSeconds(in.readZigzag(), readNanos(in))),
            new BuiltIn<>(Tag.LOCAL_DATE, LocalDate.class, BuiltIn::writeDate, BuiltIn::readDate),
            new BuiltIn<>(Tag.LOCAL_TIME, LocalTime.class, BuiltIn::writeTime, BuiltIn::readTime),
            new BuiltIn<>(Tag.LOCAL_DATE_TIME, LocalDateTime.class, BuiltIn::writeDateTime, BuiltIn::readDateTime),
            new BuiltIn<>(
                    Tag.OFFSET_DATE_TIME,
                    OffsetDateTime.class,
                    (out, v) -> {
                        writeDateTime(out, v.toLocalDateTime());
                        writeOffset(out, v.getOffset());
                    },
                    in -> OffsetDateTime.of(readDateTime(in), readOffset(in))),
            new BuiltIn<>(Tag.ZONED_DATE_TIME, ZonedDateTime.class, BuiltIn::writeZoned, BuiltIn::readZoned),
            new BuiltIn<>(
                    Tag.YEAR, Year.class, (out, v) -> out.writeZigzag(v.getValue()), in -> Year.of(in.readZigzagInt())),
            new BuiltIn<>(
                    Tag.YEAR_MONTH,
                    YearMonth.class,
                    (out, v) -> out.writeZigzag(v.getYear()).writeByte(v.getMonthValue()),
                    in -> YearMonth.of(in.readZigzagInt(), in.readByte())),
            new BuiltIn<>(
                    Tag.PERIOD,
                    Period.class,
                    (out, v) -> out.writeZigzag(v.getYears())
                            .writeZigzag(v.getMonths())
                            .writeZigzag(v.getDays()),
                    in -> Period.of(in.readZigzagInt(), in.readZigzagInt(), in.readZigzagInt())),
            new BuiltIn<>(Tag.ZONE_OFFSET, ZoneOffset.class, BuiltIn::writeOffset, BuiltIn::readOffset),
            new BuiltIn<>(
                    Tag.DATE, Date.class, (out, v) -> out.writeZigzag(v.getTime()), in -> new Date(in.readZigzag())));

    private static final Set<Class<?>> MUTABLE = Set.of(byte[].class, int[].class, long[].class, Date.class);
    private static final Map<Class<?>, BuiltIn<?>> BY_TYPE = new HashMap<>();
    private static final @Nullable BuiltIn<?>[] BY_TAG = new BuiltIn<?>[Byte.MAX_VALUE + 1];

    static {
        for (BuiltIn<?> each : ALL) {
            BY_TYPE.put(each.type, each);
            BY_TAG[each.tag] = each;
        }
    }

    static @Nullable BuiltIn<?> of(Class<?> type) {
        return BY_TYPE.get(type);
    }

    static @Nullable BuiltIn<?> of(byte tag) {
        return tag < 0 ? null : BY_TAG[tag];
    }

    boolean isImmutable() {
        return !MUTABLE.contains(type);
    }

    boolean isArray() {
        return type.isArray();
    }

    byte[] encode(Object value) {
        ByteWriter out = new ByteWriter(tag, USUAL_SIZE);
        body.accept(out, type.cast(value));
        return out.toBytes();
    }

    T decode(ByteReader in) {
        T value = parser.apply(in);
        in.finish();
        return value;
    }

    private static int readNanos(ByteReader in) {
        long nanos = in.readVarint();
        if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw new MarshalException("the bytes are damaged: " + nanos + " nanoseconds in a second");
        }
        return (int) nanos;
    }

    private static BigDecimal readBigDecimal(ByteReader in) {
        int scale = in.readZigzagInt();
        return new BigDecimal(new BigInteger(in.readRest()), scale);
    }

    private static void writeDate(ByteWriter out, LocalDate date) {
        out.writeZigzag(date.toEpochDay());
    }

    private static LocalDate readDate(ByteReader in) {
        return LocalDate.ofEpochDay(in.readZigzag());
    }

    private static void writeTime(ByteWriter out, LocalTime time) {
        out.writeVarint(time.toNanoOfDay());
    }

    private static LocalTime readTime(ByteReader in) {
        return LocalTime.ofNanoOfDay(in.readVarint());
    }

    private static void writeDateTime(ByteWriter out, LocalDateTime dateTime) {
        writeDate(out, dateTime.toLocalDate());
        writeTime(out, dateTime.toLocalTime());
    }

    private static LocalDateTime readDateTime(ByteReader in) {
        return LocalDateTime.of(readDate(in), readTime(in));
    }

    private static void writeOffset(ByteWriter out, ZoneOffset offset) {
        out.writeZigzag(offset.getTotalSeconds());
    }

    private static ZoneOffset readOffset(ByteReader in) {
        return ZoneOffset.ofTotalSeconds(in.readZigzagInt());
    }

    private static void writeZoned(ByteWriter out, ZonedDateTime zoned) {
        writeDateTime(out, zoned.toLocalDateTime());
        writeOffset(out, zoned.getOffset());
        out.writeBytes(StringCodec.encode(zoned.getZone().getId()));
    }

    private static ZonedDateTime readZoned(ByteReader in) {
        LocalDateTime dateTime = readDateTime(in);
        ZoneOffset offset = readOffset(in);
        byte[] id = in.readRest();
        if (id.length == 0) {
            throw new MarshalException("the bytes are damaged: a date without its time zone");
        }
        // Keeps the instant even where this JVM knows other rules for the zone than the writer did.
        return ZonedDateTime.ofInstant(dateTime, offset, ZoneId.of(StringCodec.decode(id, 0, id.length)));
    }

    private static void writeInts(ByteWriter out, int[] values) {
        for (int value : values) {
            out.writeInt(value);
        }
    }

    private static int[] readInts(ByteReader in) {
        int[] values = new int[in.remaining() / Integer.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readInt();
        }
        return values;
    }

    private static void writeLongs(ByteWriter out, long[] values) {
        for (long value : values) {
            out.writeLong(value);
        }
    }

    private static long[] readLongs(ByteReader in) {
        long[] values = new long[in.remaining() / Long.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        return values;
    }
}
