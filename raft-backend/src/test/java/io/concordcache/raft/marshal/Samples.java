package io.concordcache.raft.marshal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Classes that stand for an application's, and helpers of the tests. */
final class Samples {
    enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "not its name";
            }
        }
    }

    record Point(int x, int y) implements Serializable {}

    record Order(
            String id,
            @Nullable String note,
            BigDecimal price,
            Colour colour,
            Point where,
            @Nullable Instant at) implements Serializable {}

    record Basket(List<Point> points, Map<String, Colour> colours) implements Serializable {}

    record Pair(String first, String second) implements Serializable {}

    record Chain(int number, @Nullable Chain next) implements Serializable {}

    record Ignored(String a) {}

    record Strict(int positive) implements Serializable {
        Strict {
            if (positive <= 0) {
                throw new IllegalArgumentException("not positive");
            }
        }
    }

    static class Animal implements Serializable {
        String name = "";
    }

    static class Bone implements Serializable {
        int length;
    }

    static final class Dog extends Animal {
        @Nullable
        Bone bone;
    }

    sealed interface Shape extends Serializable permits Circle, Square {}

    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    static final class Drawing implements Serializable {
        Object[] parts = {};

        @Nullable
        Shape shape;

        List<? extends Map<String, Bone[]>> bones = List.of();
    }

    static class Node implements Serializable {
        @Nullable
        Object next;
    }

    /** Keeps its content from the class filter's view of fields, as an Object. */
    static final class Holder implements Serializable {
        final @Nullable Object content;

        Holder(@Nullable Object content) {
            this.content = content;
        }
    }

    static final class NotSerializable {}

    /** Runs code when it is read, as a gadget does. */
    static final class Gadget implements Serializable {
        static boolean hasRun;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            hasRun = true;
        }

        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Gadget;
        }
    }

    static final class StandIn implements Serializable {
        final int value;

        StandIn(int value) {
            this.value = value;
        }

        Object writeReplace() {
            return new Written(value);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof StandIn that && that.value == value;
        }

        @Override
        public int hashCode() {
            return value;
        }

        private record Written(int value) implements Serializable {
            Object readResolve() {
                return new StandIn(value);
            }
        }
    }

    /** Not final, and not a record; the key class of many an application. */
    static class Id implements Serializable {
        private final String tenant;
        private final String name;
        private final Long number;
        private final Long other;

        Id(String tenant, String name, Long number, Long other) {
            this.tenant = tenant;
            this.name = name;
            this.number = number;
            this.other = other;
        }

        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof Id that
                    && tenant.equals(that.tenant)
                    && name.equals(that.name)
                    && number.equals(that.number)
                    && other.equals(that.other);
        }

        @Override
        public int hashCode() {
            return Objects.hash(tenant, name, number, other);
        }
    }

    static StandardMarshaller marshaller(Class<?>... types) {
        return new StandardMarshaller(ClassFilter.forTypes(types), Samples.class.getClassLoader());
    }

    /** What an attacker would send: the tag and a stream that no filter has seen. */
    static byte[] crafted(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(Tag.SERIALIZED);
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @SuppressWarnings("unchecked")
    static <T> T roundTrip(Marshaller marshaller, T value) {
        return (T) marshaller.unmarshal(marshaller.marshal(value));
    }

    private Samples() {}
}
