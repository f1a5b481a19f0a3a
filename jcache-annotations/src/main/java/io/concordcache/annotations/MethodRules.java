package io.concordcache.annotations;

import io.concordcache.annotations.ClassModel.AnnotationModel;
import io.concordcache.annotations.ClassModel.MethodModel;
import io.concordcache.annotations.ClassModel.OnceModel;
import io.concordcache.annotations.ClassModel.ParameterModel;
import io.concordcache.annotations.ClassModel.Shape;
import io.concordcache.annotations.ClassModel.TypeModel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which methods of a class the annotations are about, and what is wrong with them. Whatever would make an annotation do
 * nothing, or something else than it says, is a problem: a container reports it when it starts.
 */
public final class MethodRules {
    static final String KEY_ADVICE =
            "Mark the parameters that tell the result with @CacheKey, pass strings, numbers, enums,"
                    + " java.time, UUIDs, records, or lists, sets and maps of these, or name a cacheKeyGenerator;"
                    + " io.concordcache.annotations.EqualsKeyGenerator takes whatever has equals and is serializable, for"
                    + " providers that do not compare bytes";

    private static final String FUTURE = "java.util.concurrent.Future";
    private static final String STAGE = "java.util.concurrent.CompletionStage";
    private static final String COMPLETABLE = "java.util.concurrent.CompletableFuture";

    /** Classes that are no records, and may be part of a key as they are, or have subclasses that may. */
    private static final Set<String> KEYS = Set.of(
            "java.lang.Object",
            "java.lang.Number",
            "java.lang.Enum",
            "java.lang.Record",
            "java.lang.String",
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Short",
            "java.lang.Character",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Float",
            "java.lang.Double",
            "java.lang.Class",
            "java.math.BigInteger",
            "java.math.BigDecimal",
            "java.util.UUID",
            "java.util.Date",
            "java.util.Locale",
            "java.util.Currency",
            "java.util.Optional",
            "java.util.OptionalInt",
            "java.util.OptionalLong",
            "java.util.OptionalDouble");

    private static final Set<String> KEY_CONTAINERS =
            Set.of("java.util.List", "java.util.Set", "java.util.Map", "java.util.Map$Entry", "java.util.Collection");

    private MethodRules() {}

    /** The ids of the methods that are to be intercepted. */
    public static Set<String> affected(ClassModel type) {
        Set<String> ids = new LinkedHashSet<>();
        for (MethodModel method : type.methods()) {
            boolean own = !method.annotations().isEmpty();
            if ((own && !method.isPrivate() && !method.isStatic())
                    || (!own && type.annotations().stream().anyMatch(each -> appliesTo(each, method)))) {
                ids.add(method.id());
            }
        }
        return ids;
    }

    /** Whether an annotation of a class is about a method that has none of its own. */
    static boolean appliesTo(AnnotationModel ofClass, MethodModel method) {
        if (!method.isPublic() || method.isStatic() || !method.annotations().isEmpty()) {
            return false;
        }
        return switch (ofClass.kind()) {
            case RESULT -> method.returnType().shape() != Shape.VOID;
            case PUT -> method.parameters().stream().anyMatch(ParameterModel::value);
            case REMOVE, REMOVE_ALL -> true;
        };
    }

    /** What is wrong, each with class, method and rule; empty if nothing is. */
    public static List<String> check(ClassModel type) {
        List<String> problems = new ArrayList<>();
        List<AnnotationModel> ofClass = type.annotations();
        if (ofClass.size() > 1) {
            problems.add(type.name() + ": the class has " + names(ofClass) + "; one class bears one cache annotation");
        }
        for (AnnotationModel annotation : ofClass) {
            if (type.methods().stream().noneMatch(method -> appliesTo(annotation, method))) {
                problems.add(type.name() + ": " + annotation.kind()
                        + " of the class is about no method: there is no public method without an annotation of its own"
                        + (annotation.kind() == Kind.PUT ? " that has a parameter marked @CacheValue" : "")
                        + (annotation.kind() == Kind.RESULT ? " that returns something" : ""));
            }
        }
        for (MethodModel method : type.methods()) {
            Checked checked = new Checked(method, problems);
            checked.checkPlace();
            if (method.annotations().size() > 1) {
                checked.add("has " + names(method.annotations()) + "; one method bears one cache annotation");
            } else if (method.annotations().size() == 1) {
                checked.check(method.annotations().get(0), type.ownKeyGenerator());
            } else if (ofClass.size() == 1 && appliesTo(ofClass.get(0), method)) {
                checked.check(ofClass.get(0), type.ownKeyGenerator());
            } else {
                checked.checkUnannotated();
            }
        }
        return problems;
    }

    private static String names(List<AnnotationModel> annotations) {
        return annotations.stream().map(each -> each.kind().toString()).collect(Collectors.joining(" and "));
    }

    /** One method, and where its problems go. */
    private record Checked(MethodModel method, List<String> problems) {
        void add(String problem) {
            problems.add(method.id() + ": " + problem);
        }

        void checkPlace() {
            if (method.annotations().isEmpty()) {
                return;
            }
            String names = names(method.annotations());
            if (method.isPrivate()) {
                add("is private: no container intercepts such a method, so " + names
                        + " would do nothing; make it at least package-private, and call it through the bean");
            }
            if (method.isStatic()) {
                add("is static: no container intercepts such a method, so " + names
                        + " would do nothing; make it a method of the bean");
            }
            if (method.isFinal() && !method.isPrivate() && !method.isStatic()) {
                add("is final: no container intercepts such a method, so " + names
                        + " would do nothing; make it not final");
            }
        }

        void checkUnannotated() {
            for (ParameterModel parameter : method.parameters()) {
                if (parameter.key() || parameter.value()) {
                    add("has " + (parameter.key() ? "@CacheKey" : "@CacheValue")
                            + " at a parameter, but no cache annotation that this could belong to");
                    return;
                }
            }
            if (method.once() != null) {
                add("has @ComputeOnce, but no @CacheResult that this could belong to");
            }
        }

        void check(AnnotationModel annotation, boolean generatorOfClass) {
            switch (annotation.kind()) {
                case RESULT -> checkResult(annotation);
                case PUT -> checkPut();
                case REMOVE, REMOVE_ALL -> {}
            }
            checkAsynchronous(annotation);
            checkOnce(annotation);
            checkParameters(annotation.kind());
            if (annotation.kind() != Kind.RESULT && !annotation.afterInvocation() && annotation.exceptionLists()) {
                add(annotation.kind()
                        + " with afterInvocation=false acts before there can be an exception; leave out its lists of"
                        + " exceptions, or afterInvocation");
            }
            if (annotation.kind() != Kind.REMOVE_ALL && !annotation.ownKeyGenerator() && !generatorOfClass) {
                checkKeys();
            }
        }

        private void checkResult(AnnotationModel annotation) {
            if (method.returnType().shape() == Shape.VOID) {
                add("returns nothing that @CacheResult could cache");
            }
            if (annotation.exceptionLists() && !annotation.exceptionCache()) {
                add(
                        "has cachedExceptions or nonCachedExceptions without an exceptionCacheName, so no exception would be"
                                + " cached; name the cache");
            }
        }

        private void checkPut() {
            long values =
                    method.parameters().stream().filter(ParameterModel::value).count();
            if (values != 1) {
                add("@CachePut needs one parameter marked @CacheValue, the value to put; this has "
                        + (values == 0 ? "none" : String.valueOf(values)));
            }
        }

        private void checkAsynchronous(AnnotationModel annotation) {
            TypeModel type = method.returnType();
            if (!type.supertypes().contains(FUTURE) && !type.supertypes().contains(STAGE)) {
                return;
            }
            if (!Set.of(FUTURE, STAGE, COMPLETABLE).contains(type.name())) {
                add("returns " + type.name()
                        + ", which cannot be made of a cached value; declare CompletionStage, CompletableFuture or"
                        + " Future");
            }
            if (annotation.exceptionCache()) {
                add("returns " + type.name()
                        + ": failures of asynchronous results are never cached; leave out exceptionCacheName");
            }
        }

        private void checkOnce(AnnotationModel annotation) {
            OnceModel once = method.once();
            if (once == null) {
                return;
            }
            if (annotation.kind() != Kind.RESULT) {
                add("has @ComputeOnce beside " + annotation.kind() + "; it belongs to @CacheResult");
            }
            if (annotation.skipGet()) {
                add("has @ComputeOnce beside skipGet, which says that each call computes");
            }
            if (once.deadlineMillis() <= 0) {
                add("@ComputeOnce has a deadline of " + once.deadlineMillis() + " ms; it must be above 0");
            }
            if (method.returnType().name().equals(FUTURE)) {
                add("@ComputeOnce cannot wait for a Future without blocking; declare CompletionStage or"
                        + " CompletableFuture");
            } else if (once.cluster() && method.returnType().supertypes().contains(STAGE)) {
                add("@ComputeOnce of scope CLUSTER would block the caller of an asynchronous method; use scope JVM");
            }
        }

        private void checkParameters(Kind kind) {
            for (int i = 0; i < method.parameters().size(); i++) {
                ParameterModel parameter = method.parameters().get(i);
                if (parameter.key() && parameter.value()) {
                    add("parameter " + (i + 1) + " is marked @CacheKey and @CacheValue; it can be one of them");
                }
                if (parameter.value() && kind != Kind.PUT) {
                    add("parameter " + (i + 1) + " is marked @CacheValue, which belongs to @CachePut; this has "
                            + kind);
                }
                if (parameter.key() && kind == Kind.REMOVE_ALL) {
                    add("parameter " + (i + 1) + " is marked @CacheKey, but @CacheRemoveAll has no key");
                }
            }
        }

        private void checkKeys() {
            boolean marked = method.parameters().stream().anyMatch(ParameterModel::key);
            for (int i = 0; i < method.parameters().size(); i++) {
                ParameterModel parameter = method.parameters().get(i);
                if (!parameter.value() && (parameter.key() || !marked) && isNeverAKey(parameter.type())) {
                    add("parameter " + (i + 1) + " cannot be part of a cache key: objects of "
                            + parameter.type().name() + " have no stable form. " + KEY_ADVICE);
                }
            }
        }
    }

    /** Whether no object of this type can be part of a default key. Of interfaces, the objects decide at the call. */
    private static boolean isNeverAKey(TypeModel type) {
        return type.shape() == Shape.CLASS
                && !KEYS.contains(type.name())
                && !type.name().startsWith("java.time.")
                && type.supertypes().stream().noneMatch(KEY_CONTAINERS::contains);
    }
}
