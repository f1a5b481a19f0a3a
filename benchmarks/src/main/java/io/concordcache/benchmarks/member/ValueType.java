package io.concordcache.benchmarks.member;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What the values are. */
public enum ValueType {
    /** A String of so many characters, which nobody can change. */
    STRING(String.class) {
        @Override
        public Object make(SplittableRandom random, int bytes) {
            return text(random, bytes);
        }
    },

    /** A list of four Strings that have so many characters together, which whoever gets it can change. */
    LIST(ArrayList.class) {
        @Override
        public Object make(SplittableRandom random, int bytes) {
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                parts.add(text(random, bytes / 4));
            }
            return parts;
        }
    };

    private final Class<?> javaType;

    ValueType(Class<?> javaType) {
        this.javaType = javaType;
    }

    /** The class of the values. */
    public Class<?> javaType() {
        return javaType;
    }

    /** A value at random. */
    public abstract Object make(SplittableRandom random, int bytes);

    private static String text(SplittableRandom random, int length) {
        char[] characters = new char[length];
        for (int i = 0; i < length; i++) {
            characters[i] = (char) random.nextInt('a', 'z' + 1);
        }
        return new String(characters);
    }
}
