package io.concordcache.annotations;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Set;
import javax.cache.annotation.CacheInvocationParameter;
import javax.cache.annotation.CacheKeyInvocationContext;
import org.jspecify.annotations.Nullable;

/** One call of an annotated method, as generators and resolvers see it. */
final class Call<A extends Annotation> implements CacheKeyInvocationContext<A> {
    private final CacheMethod<A> method;
    private final Object target;
    private final @Nullable Object[] arguments;

    /** @param arguments not copied; a call makes its key and finds its cache before anything can change them */
    Call(CacheMethod<A> method, Object target, @Nullable Object[] arguments) {
        this.method = method;
        this.target = target;
        this.arguments = arguments;
    }

    private record Parameter(
            Class<?> getRawType, @Nullable Object value, Set<Annotation> getAnnotations, int getParameterPosition)
            implements CacheInvocationParameter {
        @Override
        @SuppressWarnings("NullAway") // a parameter may be null, whatever an interface without annotations allows
        public Object getValue() {
            return value;
        }
    }

    private CacheInvocationParameter parameter(int position) {
        return new Parameter(
                method.parameterType(position), arguments[position], method.parameterAnnotations(position), position);
    }

    @Nullable
    Object argument(int position) {
        return arguments[position];
    }

    @Override
    public CacheInvocationParameter[] getKeyParameters() {
        int[] positions = method.keyPositions();
        CacheInvocationParameter[] parameters = new CacheInvocationParameter[positions.length];
        for (int i = 0; i < positions.length; i++) {
            parameters[i] = parameter(positions[i]);
        }
        return parameters;
    }

    @Override
    @SuppressWarnings("NullAway") // null is what the interface promises
    public CacheInvocationParameter getValueParameter() {
        return method.kind() == Kind.PUT ? parameter(method.valuePosition()) : null;
    }

    @Override
    public Object getTarget() {
        return target;
    }

    @Override
    public CacheInvocationParameter[] getAllParameters() {
        CacheInvocationParameter[] parameters = new CacheInvocationParameter[method.parameterCount()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = parameter(i);
        }
        return parameters;
    }

    /** @throws IllegalArgumentException for another type than that of this object */
    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new IllegalArgumentException("the context of a call of " + method + " is no " + type.getName());
    }

    @Override
    public Method getMethod() {
        return method.getMethod();
    }

    @Override
    public Set<Annotation> getAnnotations() {
        return method.getAnnotations();
    }

    @Override
    public A getCacheAnnotation() {
        return method.getCacheAnnotation();
    }

    @Override
    public String getCacheName() {
        return method.getCacheName();
    }
}
