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
import jakarta.enterprise.lang.model.AnnotationInfo;
import jakarta.enterprise.lang.model.AnnotationMember;
import jakarta.enterprise.lang.model.AnnotationTarget;
import jakarta.enterprise.lang.model.declarations.ClassInfo;
import jakarta.enterprise.lang.model.declarations.MethodInfo;
import jakarta.enterprise.lang.model.declarations.ParameterInfo;
import jakarta.enterprise.lang.model.types.PrimitiveType;
import jakarta.enterprise.lang.model.types.Type;
import java.lang.annotation.Annotation;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.cache.annotation.CacheDefaults;
import javax.cache.annotation.CacheKey;
import javax.cache.annotation.CacheKeyGenerator;
import javax.cache.annotation.CacheValue;
import org.jspecify.annotations.Nullable;

/** A {@link ClassModel} of what CDI Lite tells at build time, when the classes themselves cannot be loaded. */
final class ModelledClass {
    private static final int SYNTHETIC = 0x1000;

    private ModelledClass() {}

    static ClassModel of(ClassInfo type) {
        List<MethodModel> methods = new ArrayList<>();
        for (MethodInfo method : type.methods()) {
            if (isOfClass(method)) {
                methods.add(method(method));
            }
        }
        AnnotationInfo defaults = ofClass(type, CacheDefaults.class);
        return new ClassModel(
                type.name(),
                annotationsOfClass(type),
                defaults != null && !isDefault(defaults, "cacheKeyGenerator", CacheKeyGenerator.class),
                methods);
    }

    /** Whether a class of the application declares it: annotations of interfaces are not inherited. */
    static boolean isOfClass(MethodInfo method) {
        return (method.modifiers() & SYNTHETIC) == 0
                && !method.declaringClass().isInterface()
                && !method.declaringClass().name().equals("java.lang.Object");
    }

    /** The same as {@link MethodModel#id}. */
    static String id(MethodInfo method) {
        List<String> types = new ArrayList<>();
        for (ParameterInfo parameter : method.parameters()) {
            types.add(name(parameter.type()));
        }
        return method.declaringClass().name() + "." + method.name() + "(" + String.join(",", types) + ")";
    }

    private static MethodModel method(MethodInfo method) {
        AnnotationInfo once = method.annotation(ComputeOnce.class);
        List<ParameterModel> parameters = new ArrayList<>();
        for (ParameterInfo parameter : method.parameters()) {
            parameters.add(new ParameterModel(
                    type(parameter.type()),
                    parameter.hasAnnotation(CacheKey.class),
                    parameter.hasAnnotation(CacheValue.class)));
        }
        return new MethodModel(
                method.declaringClass().name(),
                method.name(),
                Modifier.isPublic(method.modifiers()),
                Modifier.isPrivate(method.modifiers()),
                Modifier.isStatic(method.modifiers()),
                Modifier.isFinal(method.modifiers()),
                type(method.returnType()),
                parameters,
                annotations(method),
                once == null ? null : once(once));
    }

    private static OnceModel once(AnnotationInfo once) {
        AnnotationMember scope = member(once, "scope");
        AnnotationMember deadline = member(once, "deadlineMillis");
        return new OnceModel(
                scope != null && scope.asEnumConstant().equals(ComputeOnce.Scope.CLUSTER.name()),
                deadline == null ? 1 : deadline.asLong());
    }

    private static TypeModel type(Type type) {
        if (type.isVoid()) {
            return new TypeModel("void", Shape.VOID, Set.of());
        } else if (type.isPrimitive()) {
            return new TypeModel(name(type), Shape.PRIMITIVE, Set.of());
        } else if (type.isArray()) {
            return new TypeModel(name(type), Shape.ARRAY, Set.of());
        }
        ClassInfo declaration = declaration(type);
        if (declaration == null) {
            return new TypeModel(name(type), Shape.INTERFACE, Set.of());
        }
        Set<String> supertypes = new HashSet<>();
        addSupertypes(declaration, supertypes);
        Shape shape = declaration.isInterface() || declaration.isAnnotation()
                ? Shape.INTERFACE
                : declaration.isEnum() || declaration.isRecord() ? Shape.DATA : Shape.CLASS;
        return new TypeModel(name(type), shape, supertypes);
    }

    /** Null for type variables. */
    private static @Nullable ClassInfo declaration(Type type) {
        if (type.isClass()) {
            return type.asClass().declaration();
        }
        return type.isParameterizedType() ? type.asParameterizedType().declaration() : null;
    }

    private static String name(Type type) {
        if (type.isPrimitive()) {
            PrimitiveType.PrimitiveKind kind = type.asPrimitive().primitiveKind();
            return kind.name().toLowerCase(Locale.ROOT);
        } else if (type.isArray()) {
            return name(type.asArray().componentType()) + "[]";
        } else if (type.isTypeVariable()) {
            List<Type> bounds = type.asTypeVariable().bounds();
            return bounds.isEmpty() ? "java.lang.Object" : name(bounds.get(0));
        }
        ClassInfo declaration = declaration(type);
        return declaration == null ? "java.lang.Object" : declaration.name();
    }

    private static void addSupertypes(@Nullable ClassInfo type, Set<String> names) {
        if (type != null && names.add(type.name())) {
            addSupertypes(type.superClassDeclaration(), names);
            type.superInterfacesDeclarations().forEach(each -> addSupertypes(each, names));
        }
    }

    private static List<AnnotationModel> annotationsOfClass(ClassInfo type) {
        List<AnnotationModel> annotations = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            AnnotationInfo found = ofClass(type, kind.annotation());
            if (found != null) {
                annotations.add(annotation(kind, found));
            }
        }
        return annotations;
    }

    /** These annotations are not inherited, but hold for the methods of a subclass too. */
    private static @Nullable AnnotationInfo ofClass(ClassInfo type, Class<? extends Annotation> annotation) {
        for (ClassInfo each = type; each != null; each = each.superClassDeclaration()) {
            AnnotationInfo found = each.annotation(annotation);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static List<AnnotationModel> annotations(AnnotationTarget target) {
        List<AnnotationModel> annotations = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            AnnotationInfo found = target.annotation(kind.annotation());
            if (found != null) {
                annotations.add(annotation(kind, found));
            }
        }
        return annotations;
    }

    private static AnnotationModel annotation(Kind kind, AnnotationInfo annotation) {
        boolean lists = false;
        for (String list : List.of(
                "cachedExceptions", "nonCachedExceptions", "cacheFor", "noCacheFor", "evictFor", "noEvictFor")) {
            AnnotationMember member = member(annotation, list);
            lists |= member != null && !member.asArray().isEmpty();
        }
        AnnotationMember after = member(annotation, "afterInvocation");
        AnnotationMember skip = member(annotation, "skipGet");
        AnnotationMember exceptions = member(annotation, "exceptionCacheName");
        return new AnnotationModel(
                kind,
                after == null || after.asBoolean(),
                skip != null && skip.asBoolean(),
                exceptions != null && !exceptions.asString().isEmpty(),
                lists,
                !isDefault(annotation, "cacheKeyGenerator", CacheKeyGenerator.class));
    }

    /** Null for one that is not written: not every container knows the defaults. */
    private static @Nullable AnnotationMember member(AnnotationInfo annotation, String name) {
        return annotation.hasMember(name) ? annotation.member(name) : null;
    }

    private static boolean isDefault(AnnotationInfo annotation, String name, Class<?> byDefault) {
        AnnotationMember member = member(annotation, name);
        return member == null || name(member.asType()).equals(byDefault.getName());
    }
}
