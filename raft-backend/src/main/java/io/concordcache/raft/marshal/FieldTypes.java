package io.concordcache.raft.marshal;

import java.io.Externalizable;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The application's classes that an instance of one class can be made of, as its declarations tell. */
final class FieldTypes {
    private final Set<Class<?>> found = new HashSet<>();
    private final Set<Type> seen = new HashSet<>();

    /** The class itself, its superclasses, and the types of their fields, in turn. JDK classes are left out. */
    static Set<Class<?>> reachableFrom(Class<?> type) {
        FieldTypes types = new FieldTypes();
        types.add(type);
        return Set.copyOf(types.found);
    }

    private void add(Type type) {
        if (!seen.add(type)) {
            return;
        }
        if (type instanceof Class<?> plain) {
            addClass(plain);
        } else if (type instanceof ParameterizedType generic) {
            add(generic.getRawType());
            addAll(generic.getActualTypeArguments());
        } else if (type instanceof GenericArrayType array) {
            add(array.getGenericComponentType());
        } else if (type instanceof WildcardType wildcard) {
            addAll(wildcard.getUpperBounds());
            addAll(wildcard.getLowerBounds());
        } else if (type instanceof TypeVariable<?> variable) {
            addAll(variable.getBounds());
        }
    }

    private void addAll(Type[] types) {
        for (Type type : types) {
            add(type);
        }
    }

    private void addClass(Class<?> type) {
        if (type.isArray()) {
            add(type.getComponentType());
        } else if (!JdkClasses.isJdk(type) && found.add(type) && !type.isEnum()) {
            try {
                addParts(type);
            } catch (LinkageError | TypeNotPresentException e) {
                // A class the declarations mention is not on the class path: then no instance of it arrives.
            }
        }
    }

    private void addParts(Class<?> type) {
        Type superclass = type.getGenericSuperclass();
        if (superclass != null) {
            add(superclass);
        }
        if (type.isSealed()) {
            addAll(type.getPermittedSubclasses());
        }
        boolean writesItself =
                declares(type, "writeObject", ObjectOutputStream.class) || Externalizable.class.isAssignableFrom(type);
        for (Field field : type.getDeclaredFields()) {
            boolean written = writesItself || !Modifier.isTransient(field.getModifiers());
            if (written && !Modifier.isStatic(field.getModifiers())) {
                add(field.getGenericType());
            }
        }
        if (declares(type, "writeReplace")) {
            // The object that stands in for it is, by custom, of a nested class.
            addAll(type.getDeclaredClasses());
        }
    }

    static boolean declares(Class<?> type, String method, Class<?>... parameters) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(each -> each.getName().equals(method) && Arrays.equals(each.getParameterTypes(), parameters));
    }

    private FieldTypes() {}
}
