package io.concordcache.hibernate;

import java.util.Map;
import java.util.TreeMap;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.type.CompositeType;
import org.hibernate.type.Type;

/**
 * What cached state is made of, as text that is the same in each JVM: names and Java types. Two versions of an application
 * that run side by side and map a class differently do not take each other's state for theirs. What only a converter or
 * the meaning of a value changes does not show here.
 */
final class Shapes {
    private Shapes() {}

    /** Of the entity and all that inherit from it, which share their keys. */
    static String ofEntity(MappingMetamodelImplementor model, String rootName) {
        Map<String, String> all = new TreeMap<>();
        model.forEachEntityDescriptor(persister -> {
            if (persister.getRootEntityName().equals(rootName)) {
                all.put(persister.getEntityName(), properties(persister));
            }
        });
        return "entity " + all;
    }

    private static String properties(EntityPersister persister) {
        StringBuilder text = new StringBuilder();
        String[] names = persister.getPropertyNames();
        Type[] types = persister.getPropertyTypes();
        for (int i = 0; i < names.length; i++) {
            text.append(names[i]).append(' ');
            append(text, types[i]);
        }
        return text.toString();
    }

    static String ofNaturalId(MappingMetamodelImplementor model, String rootName) {
        StringBuilder text = new StringBuilder("natural id ");
        append(text, model.getEntityDescriptor(rootName).getIdentifierType());
        return text.toString();
    }

    @SuppressWarnings("removal") // 6.6 has no other way
    static String ofCollection(MappingMetamodelImplementor model, String role) {
        CollectionPersister persister = model.getCollectionDescriptor(role);
        StringBuilder text = new StringBuilder("collection ");
        append(text, persister.getCollectionType());
        append(text, persister.getElementType());
        if (persister.hasIndex()) {
            append(text, persister.getIndexType());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Type type) {
        text.append(type.getReturnedClass().getName());
        if (type instanceof CompositeType composite) {
            text.append('(');
            String[] names = composite.getPropertyNames();
            Type[] types = composite.getSubtypes();
            for (int i = 0; i < names.length; i++) {
                text.append(names[i]).append(' ');
                append(text, types[i]);
            }
            text.append(')');
        }
        text.append(';');
    }
}
