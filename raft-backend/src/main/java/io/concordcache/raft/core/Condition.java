package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/** When a {@link Mutation} may happen, judged by the live entry of the key. */
public sealed interface Condition {
    Condition ANY = new Any();
    Condition ABSENT = new Absent();
    Condition PRESENT = new Present();

    boolean holds(@Nullable Entry current);

    record Any() implements Condition {
        @Override
        public boolean holds(@Nullable Entry current) {
            return true;
        }
    }

    record Absent() implements Condition {
        @Override
        public boolean holds(@Nullable Entry current) {
            return current == null;
        }
    }

    record Present() implements Condition {
        @Override
        public boolean holds(@Nullable Entry current) {
            return current != null;
        }
    }

    /** Nobody has changed the value since it was read with this version. */
    record VersionIs(long version) implements Condition {
        @Override
        public boolean holds(@Nullable Entry current) {
            return current != null && current.version() == version;
        }
    }
}
