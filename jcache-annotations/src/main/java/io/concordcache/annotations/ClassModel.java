package io.concordcache.annotations;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MethodRules} have to know of a class: the same whether a container tells it by reflection, at run time, or by
 * its own model of the sources, at build time.
 *
 * @param name as in {@code Class.getTypeName}
 * @param annotations the cache annotations of the class itself
 * @param ownKeyGenerator whether {@code @CacheDefaults} names a key generator
 * @param methods those that it declares and inherits, without synthetic ones and those of {@code Object}
 */
public record ClassModel(
        String name, List<AnnotationModel> annotations, boolean ownKeyGenerator, List<MethodModel> methods) {
    /** Copies the lists. */
    public ClassModel {
        annotations = List.copyOf(annotations);
        methods = List.copyOf(methods);
    }

    /**
     * One method.
     *
     * @param owner the class that declares it
     * @param isPublic, isPrivate, isStatic, isFinal its modifiers
     * @param annotations its cache annotations
     * @param once its {@code @ComputeOnce}
     */
    public record MethodModel(
            String owner,
            String name,
            boolean isPublic,
            boolean isPrivate,
            boolean isStatic,
            boolean isFinal,
            TypeModel returnType,
            List<ParameterModel> parameters,
            List<AnnotationModel> annotations,
            @Nullable OnceModel once) {
        /** Copies the lists. */
        public MethodModel {
            parameters = List.copyOf(parameters);
            annotations = List.copyOf(annotations);
        }

        /** {@code package.Class.method(package.Type)}, unique among the methods of a class. */
        public String id() {
            return MethodNames.of(
                    owner,
                    name,
                    String.join(
                            ",",
                            parameters.stream().map(each -> each.type().name()).toList()));
        }
    }

    /**
     * One parameter.
     *
     * @param key whether it bears {@code @CacheKey}
     * @param value whether it bears {@code @CacheValue}
     */
    public record ParameterModel(TypeModel type, boolean key, boolean value) {}

    /**
     * A type without its type arguments.
     *
     * @param name as in {@code Class.getTypeName}
     * @param supertypes the names of all its superclasses and interfaces, its own name included
     */
    public record TypeModel(String name, Shape shape, Set<String> supertypes) {
        /** Copies the set. */
        public TypeModel {
            supertypes = Set.copyOf(supertypes);
        }
    }

    /** What kind of type. */
    public enum Shape {
        /** No value. */
        VOID,
        /** {@code int} and the like. */
        PRIMITIVE,
        /** Of whatever. */
        ARRAY,
        /** Also a type variable: the object decides. */
        INTERFACE,
        /** A record or an enum. */
        DATA,
        /** Any other class. */
        CLASS
    }

    /**
     * One cache annotation.
     *
     * @param exceptionCache whether there is a cache for exceptions
     * @param exceptionLists whether one of the two lists of exceptions is not empty
     * @param ownKeyGenerator whether it names a key generator
     */
    public record AnnotationModel(
            Kind kind,
            boolean afterInvocation,
            boolean skipGet,
            boolean exceptionCache,
            boolean exceptionLists,
            boolean ownKeyGenerator) {}

    /** A {@code @ComputeOnce}. */
    public record OnceModel(boolean cluster, long deadlineMillis) {}
}
