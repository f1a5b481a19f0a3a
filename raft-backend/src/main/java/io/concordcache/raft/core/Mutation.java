package io.concordcache.raft.core;

import org.jspecify.annotations.Nullable;

/** What a write does to the entry of its key once its {@link Condition} holds. */
public sealed interface Mutation {
    Mutation REMOVE = new Remove();
    Mutation EVICT = new Evict();

    /** The entry that results, null for none. */
    @Nullable
    Entry applyTo(@Nullable Entry current, ExpiryRule rule, long stamp);

    /** The kind of {@link Change} that led from {@code before} to {@code after}; they are not both null. */
    Change.Kind kind(@Nullable Entry before, @Nullable Entry after);

    /** Stores a value; a time to live of zero ends the entry instead. */
    record Put(Bytes value, Expiry expiry) implements Mutation {
        @Override
        public @Nullable Entry applyTo(@Nullable Entry current, ExpiryRule rule, long stamp) {
            Expiry effective =
                    expiry.equals(Expiry.BY_RULE) ? (current == null ? rule.onCreation() : rule.onUpdate()) : expiry;
            long now = Stamp.millis(stamp);
            long deadline = effective.deadline(now, current == null ? Expiry.NEVER : current.expiresAtMillis());
            return deadline <= now ? null : Entry.of(value, stamp, deadline);
        }

        @Override
        public Change.Kind kind(@Nullable Entry before, @Nullable Entry after) {
            if (after == null) {
                return Change.Kind.EXPIRED;
            }
            return before == null ? Change.Kind.CREATED : Change.Kind.UPDATED;
        }
    }

    /** Removes the entry at the wish of a caller. */
    record Remove() implements Mutation {
        @Override
        public @Nullable Entry applyTo(@Nullable Entry current, ExpiryRule rule, long stamp) {
            return null;
        }

        @Override
        public Change.Kind kind(@Nullable Entry before, @Nullable Entry after) {
            return Change.Kind.REMOVED;
        }
    }

    /** Removes the entry to keep the cache within its bounds. */
    record Evict() implements Mutation {
        @Override
        public @Nullable Entry applyTo(@Nullable Entry current, ExpiryRule rule, long stamp) {
            return null;
        }

        @Override
        public Change.Kind kind(@Nullable Entry before, @Nullable Entry after) {
            return Change.Kind.EVICTED;
        }
    }

    /** Moves the deadline and keeps value and version; zero ends the entry. */
    record Touch(Expiry expiry) implements Mutation {
        @Override
        public @Nullable Entry applyTo(@Nullable Entry current, ExpiryRule rule, long stamp) {
            if (current == null) {
                return null;
            }
            Expiry effective = expiry.equals(Expiry.BY_RULE) ? rule.onAccess() : expiry;
            long now = Stamp.millis(stamp);
            long deadline = effective.deadline(now, current.expiresAtMillis());
            return deadline <= now ? null : current.withDeadline(deadline);
        }

        @Override
        public Change.Kind kind(@Nullable Entry before, @Nullable Entry after) {
            return after == null ? Change.Kind.EXPIRED : Change.Kind.TOUCHED;
        }
    }
}
