package io.concordcache.jcache.operation;

import io.concordcache.jcache.ConcordEntry;
import io.concordcache.jcache.operation.Decider.Decided;
import io.concordcache.jcache.operation.Decider.Decision;
import io.concordcache.jcache.operation.Decider.Seen;
import io.concordcache.jcache.processor.ProcessorEntry;
import io.concordcache.jcache.processor.ProcessorEntry.Action;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Mutation;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import org.jspecify.annotations.Nullable;

/**
 * Runs entry processors (JSR-107 chapter 7) in this JVM: on a copy of the value, whose net effect is then written if
 * nobody has changed the entry meanwhile. Else it runs again, so a processor should have no effect but on its entry.
 */
public final class ProcessorPath<K, V> {
    private final Binding<K, V> binding;
    private final ExpiryDecisions expiry;
    private final External<K, V> external;
    private final ReadPath<K, V> reads;
    private final WritePath<K, V> writes;

    public ProcessorPath(
            Binding<K, V> binding,
            ExpiryDecisions expiry,
            External<K, V> external,
            ReadPath<K, V> reads,
            WritePath<K, V> writes) {
        this.binding = binding;
        this.expiry = expiry;
        this.external = external;
        this.reads = reads;
        this.writes = writes;
    }

    /**
     * What a processor did.
     *
     * @param existed whether there was an entry
     * @param stored whether it stored a value of its own
     * @param removed whether it removed an entry
     */
    public record Processed<T>(@Nullable T result, boolean existed, boolean stored, boolean removed) {}

    private record Run<T>(
            @Nullable T result, Action action, @Nullable Seen seen) {}

    /** Runs the processor on the entry of a key; whatever it throws comes as {@link EntryProcessorException}. */
    public <T> Processed<T> invoke(K key, EntryProcessor<K, V, T> processor, Object... arguments) {
        Bytes bytes = binding.key(key);
        Decided<Run<T>> decided = writes.decide(bytes, seen -> run(key, seen, processor, arguments));
        Run<T> run = decided.result();
        Seen seen = run.seen();
        if (run.action() == Action.ACCESS && seen != null) {
            reads.touched(bytes, seen.version());
        }
        boolean wrote = run.action() == Action.CREATE || run.action() == Action.UPDATE;
        return new Processed<>(
                run.result(), seen != null, wrote && decided.stored(), run.action() == Action.REMOVE && seen != null);
    }

    private <T> Decision<Run<T>> run(
            K key, @Nullable Seen seen, EntryProcessor<K, V, T> processor, Object... arguments) {
        ProcessorEntry<K, V> entry = new ProcessorEntry<>(
                key,
                seen == null ? null : binding.readValue(seen.value()),
                () -> external.mayLoad() ? external.load(key) : null);
        T result = process(entry, processor, arguments);
        Mutation mutation = switch (entry.action()) {
            case NONE, ACCESS -> null;
            case LOAD -> new Mutation.Put(binding.value(entry.newValue()), expiry.forCreation());
            case CREATE, UPDATE -> {
                Bytes value = binding.value(entry.newValue());
                if (external.writesThrough()) {
                    external.write(new ConcordEntry<>(key, entry.newValue()));
                }
                yield new Mutation.Put(value, seen == null ? expiry.forCreation() : expiry.forUpdate());
            }
            case REMOVE -> {
                if (external.writesThrough()) {
                    external.delete(key);
                }
                yield Mutation.REMOVE;
            }
        };
        return new Decision<>(mutation, new Run<>(result, entry.action(), seen));
    }

    private static <K, V, T> T process(
            ProcessorEntry<K, V> entry, EntryProcessor<K, V, T> processor, Object... arguments) {
        try {
            return processor.process(entry, arguments);
        } catch (EntryProcessorException e) {
            throw e;
        } catch (Exception | LinkageError | AssertionError e) {
            throw new EntryProcessorException("the entry processor failed; the entry is as it was", e);
        }
    }
}
