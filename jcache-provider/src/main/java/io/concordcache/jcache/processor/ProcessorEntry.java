package io.concordcache.jcache.processor;

import java.util.Objects;
import java.util.function.Supplier;
import javax.cache.processor.MutableEntry;
import org.jspecify.annotations.Nullable;

/** The entry as a processor sees it; remembers the net effect of what the processor does (JSR-107 7). */
public final class ProcessorEntry<K, V> implements MutableEntry<K, V> {

    /** What is to be done with the entry when the processor has ended. */
    public enum Action {
        NONE,
        /** The value was read. */
        ACCESS,
        /** The value was loaded for a key without an entry. */
        LOAD,
        CREATE,
        UPDATE,
        REMOVE
    }

    private final K key;
    private final @Nullable V existing;
    private final Supplier<? extends @Nullable V> loader;
    private @Nullable V value;
    private Action action = Action.NONE;

    /**
     * An entry that nothing has been done to yet.
     *
     * @param existing the value, null for no entry
     * @param loader what read-through brings for a key without an entry, null for nothing
     */
    public ProcessorEntry(K key, @Nullable V existing, Supplier<? extends @Nullable V> loader) {
        this.key = key;
        this.existing = existing;
        this.loader = loader;
    }

    @Override
    public K getKey() {
        return key;
    }

    @Override
    public boolean exists() {
        return (action == Action.NONE || action == Action.ACCESS ? existing : value) != null;
    }

    @Override
    @SuppressWarnings("NullAway") // MutableEntry.getValue is null without an entry, but not annotated so
    public V getValue() {
        if (action == Action.NONE) {
            if (existing == null) {
                value = loader.get();
                action = value == null ? Action.NONE : Action.LOAD;
            } else {
                value = existing;
                action = Action.ACCESS;
            }
        }
        return value;
    }

    @Override
    public void setValue(V newValue) {
        value = Objects.requireNonNull(newValue, "an entry processor set the value to null; use remove()");
        action = existing == null ? Action.CREATE : Action.UPDATE;
    }

    @Override
    public void remove() {
        value = null;
        action = action == Action.CREATE || action == Action.LOAD ? Action.NONE : Action.REMOVE;
    }

    public Action action() {
        return action;
    }

    /** The value to write for LOAD, CREATE and UPDATE. */
    public V newValue() {
        return Objects.requireNonNull(value);
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new IllegalArgumentException("an entry is no " + type.getName());
    }
}
