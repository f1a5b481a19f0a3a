package io.concordcache.annotations.cdi;

import io.concordcache.annotations.ClassModel;
import io.concordcache.annotations.ClassModel.AnnotationModel;
import io.concordcache.annotations.ClassModel.MethodModel;
import io.concordcache.annotations.ClassModel.OnceModel;
import io.concordcache.annotations.ClassModel.ParameterModel;
import io.concordcache.annotations.ClassModel.Shape;
import io.concordcache.annotations.ClassModel.TypeModel;
import io.concordcache.annotations.ComputeOnce;
import io.concordcache.annotations.Kind;
import jakarta.enterprise.inject.spi.Annotated;
import jakarta.enterprise.inject.spi.AnnotatedMethod;
import jakarta.enterprise.inject.spi.AnnotatedParameter;
import jakarta.enterprise.inject.spi.AnnotatedType;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CachePut;
import javax.cache.annotation.CacheRemove;
import javax.cache.annotation.CacheRemoveAll;
import javax.cache.annotation.CacheResult;
import javax.cache.annotation.CacheValue;
import org.jspecify.annotations.Nullable;

/** A {@link ClassModel} of what CDI Full tells at run time. */
final class ReflectedClass {
    private ReflectedClass() {}

    static ClassModel of(AnnotatedType<?> type) {
        List<MethodModel> methods = new ArrayList<>();
        for (AnnotatedMethod<?> method : type.getMethods()) {
            Method java = method.getJavaMember();
            if (isOfClass(java)) {
                methods.add(method(method));
            }
        }
        CacheDefaults defaults = ofClass(type.getJavaClass(), CacheDefaults.class);
        return new ClassModel(
                type.getJavaClass().getTypeName(),
                annotationsOfClass(type.getJavaClass()),
                defaults != null && defaults.cacheKeyGenerator() != CacheKeyGenerator.class,
                methods);
    }

    /** Whether a class of the application declares it: annotations of interfaces are not inherited. */
    static boolean isOfClass(Method method) {
        Class<?> owner = method.getDeclaringClass();
        return !method.isSynthetic() && !owner.isInterface() && owner != Object.class;
    }

    /** Annotations at methods of interfaces, which do nothing for the class that implements them. */
    static List<String> ignored(Class<?> type) {
        Set<String> supertypes = new HashSet<>();
        List<String> ignored = new ArrayList<>();
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Class<?> face : each.getInterfaces()) {
                addIgnored(type, face, supertypes, ignored);
            }
        }
        return ignored;
    }

    private static void addIgnored(Class<?> type, Class<?> face, Set<String> seen, List<String> ignored) {
        if (!seen.add(face.getName())) {
            return;
        }
        for (Method method : face.getDeclaredMethods()) {
            for (Kind kind : Kind.values()) {
                if (method.isAnnotationPresent(kind.annotation()) && !isAnnotated(type, method)) {
                    ignored.add(id(method) + ": " + kind + " of an interface does nothing, since annotations of"
                            + " interfaces are not inherited; put it at the method of " + type.getName());
                }
            }
        }
        for (Class<?> parent : face.getInterfaces()) {
            addIgnored(type, parent, seen, ignored);
        }
    }

    private static boolean isAnnotated(Class<?> type, Method ofInterface) {
        try {
            Method method = type.getMethod(ofInterface.getName(), ofInterface.getParameterTypes());
            for (Kind kind : Kind.values()) {
                if ((!method.getDeclaringClass().isInterface() && method.isAnnotationPresent(kind.annotation()))
                        || ofClass(type, kind.annotation()) != null) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchMethodException e) {
            return true; // static, or private
        }
    }

    /** The same as {@link MethodModel#id}. */
    static String id(Method method) {
        List<String> types = new ArrayList<>();
        for (Class<?> type : method.getParameterTypes()) {
            types.add(type.getTypeName());
        }
        return method.getDeclaringClass().getName() + "." + method.getName() + "(" + String.join(",", types) + ")";
    }

    private static MethodModel method(AnnotatedMethod<?> method) {
        Method java = method.getJavaMember();
        ComputeOnce once = method.getAnnotation(ComputeOnce.class);
        return new MethodModel(
                java.getDeclaringClass().getName(),
                java.getName(),
                Modifier.isPublic(java.getModifiers()),
                Modifier.isPrivate(java.getModifiers()),
                Modifier.isStatic(java.getModifiers()),
                Modifier.isFinal(java.getModifiers()),
                type(java.getReturnType(), java.getGenericReturnType()),
                method.getParameters().stream()
                        .map(parameter -> parameter(parameter, java))
                        .toList(),
                annotations(method),
                once == null ? null : new OnceModel(once.scope() == ComputeOnce.Scope.CLUSTER, once.deadlineMillis()));
    }

    private static ParameterModel parameter(AnnotatedParameter<?> parameter, Method method) {
        int position = parameter.getPosition();
        return new ParameterModel(
                type(method.getParameterTypes()[position], method.getGenericParameterTypes()[position]),
                parameter.isAnnotationPresent(CacheKey.class),
                parameter.isAnnotationPresent(CacheValue.class));
    }

    private static TypeModel type(Class<?> type, Type generic) {
        Shape shape;
        if (type == void.class) {
            shape = Shape.VOID;
        } else if (type.isPrimitive()) {
            shape = Shape.PRIMITIVE;
        } else if (type.isArray()) {
            shape = Shape.ARRAY;
        } else if (type.isInterface() || generic instanceof TypeVariable) {
            shape = Shape.INTERFACE;
        } else if (type.isEnum() || type.isRecord()) {
            shape = Shape.DATA;
        } else {
            shape = Shape.CLASS;
        }
        Set<String> supertypes = new HashSet<>();
        addSupertypes(type, supertypes);
        return new TypeModel(type.getTypeName(), shape, supertypes);
    }

    private static void addSupertypes(@Nullable Class<?> type, Set<String> names) {
        if (type != null && names.add(type.getName())) {
            addSupertypes(type.getSuperclass(), names);
            for (Class<?> each : type.getInterfaces()) {
                addSupertypes(each, names);
            }
        }
    }

    private static List<AnnotationModel> annotationsOfClass(Class<?> type) {
        List<AnnotationModel> annotations = new ArrayList<>();
        CacheResult result = ofClass(type, CacheResult.class);
        CachePut put = ofClass(type, CachePut.class);
        CacheRemove remove = ofClass(type, CacheRemove.class);
        CacheRemoveAll removeAll = ofClass(type, CacheRemoveAll.class);
        add(annotations, result, put, remove, removeAll);
        return annotations;
    }

    /** These annotations are not inherited, but hold for the methods of a subclass too. */
    private static <T extends Annotation> @Nullable T ofClass(Class<?> type, Class<T> annotation) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            T found = each.getAnnotation(annotation);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static List<AnnotationModel> annotations(Annotated annotated) {
        List<AnnotationModel> annotations = new ArrayList<>();
        add(
                annotations,
                annotated.getAnnotation(CacheResult.class),
                annotated.getAnnotation(CachePut.class),
                annotated.getAnnotation(CacheRemove.class),
                annotated.getAnnotation(CacheRemoveAll.class));
        return annotations;
    }

    private static void add(
            List<AnnotationModel> annotations,
            @Nullable CacheResult result,
            @Nullable CachePut put,
            @Nullable CacheRemove remove,
            @Nullable CacheRemoveAll removeAll) {
        if (result != null) {
            annotations.add(new AnnotationModel(
                    Kind.RESULT,
                    true,
                    result.skipGet(),
                    !result.exceptionCacheName().isEmpty(),
                    result.cachedExceptions().length + result.nonCachedExceptions().length > 0,
                    result.cacheKeyGenerator() != CacheKeyGenerator.class));
        }
        if (put != null) {
            annotations.add(new AnnotationModel(
                    Kind.PUT,
                    put.afterInvocation(),
                    false,
                    false,
                    put.cacheFor().length + put.noCacheFor().length > 0,
                    put.cacheKeyGenerator() != CacheKeyGenerator.class));
        }
        if (remove != null) {
            annotations.add(new AnnotationModel(
                    Kind.REMOVE,
                    remove.afterInvocation(),
                    false,
                    false,
                    remove.evictFor().length + remove.noEvictFor().length > 0,
                    remove.cacheKeyGenerator() != CacheKeyGenerator.class));
        }
        if (removeAll != null) {
            annotations.add(new AnnotationModel(
                    Kind.REMOVE_ALL,
                    removeAll.afterInvocation(),
                    false,
                    false,
                    removeAll.evictFor().length + removeAll.noEvictFor().length > 0,
                    false));
        }
    }
}
