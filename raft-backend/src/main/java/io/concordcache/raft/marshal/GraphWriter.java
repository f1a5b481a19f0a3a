package io.concordcache.raft.marshal;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.io.OutputStream;
import java.lang.reflect.Array;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Java serialization that refuses on the way out whatever {@link GraphReader} would refuse on the way in. */
final class GraphWriter extends ObjectOutputStream {
    private static final ClassValue<Integer> REFERENCE_FIELDS = new ClassValue<>() {
        @Override
        protected Integer computeValue(Class<?> type) {
            return countReferenceFields(type);
        }
    };

    private final ClassFilter.Pass pass;
    private final Unfolding unfolding = new Unfolding();
    private final @Nullable Map<Object, Object> unified;
    private long references;
    private int objectsBeforeDepthCheck = Limits.DEPTH_WRITTEN;
    private @Nullable MarshalException refusal;

    private GraphWriter(OutputStream out, ClassFilter.Pass pass, @Nullable Map<Object, Object> unified)
            throws IOException {
        super(out);
        this.pass = pass;
        this.unified = unified;
        enableReplaceObject(true);
    }

    static GraphWriter plain(OutputStream out, ClassFilter.Pass pass) throws IOException {
        return new GraphWriter(out, pass, null);
    }

    /**
     * Writes equal strings and numbers as one object. The stream has back references to what it has written
     * before; without this, two keys that are equal would differ in whether two of their fields are one
     * instance or two.
     */
    static GraphWriter unifying(OutputStream out, ClassFilter.Pass pass) throws IOException {
        return new GraphWriter(out, pass, new HashMap<>());
    }

    void writeGraph(Object root) throws IOException {
        writeObject(root);
        flush();
        if (refusal != null) {
            // Some writeObject method on the way has swallowed it.
            throw refusal;
        }
    }

    @Override
    protected void annotateClass(Class<?> type) {
        try {
            pass.check(type);
        } catch (MarshalException e) {
            throw refuse(e);
        }
    }

    @Override
    protected void annotateProxyClass(Class<?> type) {
        throw refuse(ClassFilter.refused(type));
    }

    @Override
    protected Object replaceObject(Object object) {
        try {
            checkLimits(object);
        } catch (MarshalException e) {
            throw refuse(e);
        }
        if (unified != null && KeyTypes.isUnifiable(object.getClass())) {
            Object earlier = unified.putIfAbsent(object, object);
            return earlier == null ? object : earlier;
        }
        return object;
    }

    private void checkLimits(Object object) {
        Class<?> type = object.getClass();
        if (type.isArray() && Array.getLength(object) > Limits.ARRAY_LENGTH) {
            throw Limits.exceeded("more array elements", Limits.ARRAY_LENGTH);
        }
        unfolding.beforeWriting(object);
        references += REFERENCE_FIELDS.get(type) + Unfolding.elementsIn(object);
        if (references > Limits.REFERENCES) {
            throw Limits.exceeded("more references", Limits.REFERENCES);
        }
        if (--objectsBeforeDepthCheck <= 0) {
            int depth = depth();
            if (depth > Limits.DEPTH_WRITTEN) {
                throw Limits.exceeded("more levels of nesting", Limits.DEPTH_WRITTEN);
            }
            // Each object adds a level at most, so the limit cannot be passed any sooner.
            objectsBeforeDepthCheck = Limits.DEPTH_WRITTEN - depth + 1;
        }
    }

    /**
     * The stream knows how deep it is but does not tell. Should a JDK name its method otherwise, this counts
     * none and the limit holds when reading only.
     */
    private static int depth() {
        return StackWalker.getInstance()
                .walk(frames -> (int) frames.takeWhile(
                                frame -> !frame.getClassName().equals(StandardMarshaller.class.getName()))
                        .filter(frame -> frame.getMethodName().equals("writeObject0")
                                && frame.getClassName().equals(ObjectOutputStream.class.getName()))
                        .count());
    }

    private MarshalException refuse(MarshalException e) {
        if (refusal == null) {
            refusal = e;
        }
        return e;
    }

    private static int countReferenceFields(Class<?> type) {
        int count = 0;
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            ObjectStreamClass description = ObjectStreamClass.lookup(each);
            if (description != null && !Externalizable.class.isAssignableFrom(each)) {
                for (ObjectStreamField field : description.getFields()) {
                    count += field.isPrimitive() ? 0 : 1;
                }
            }
        }
        return count;
    }
}
