package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.marshal.Marshaller;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Supplier;
import org.hibernate.cache.CacheException;
import org.hibernate.cache.MutableCacheKeyBuilder;
import org.hibernate.cache.spi.QueryKey;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of keys: what it is a key of, the role, the tenant, and the parts of the disassembled identifier. Without hash
 * codes, which differ from JVM to JVM and would make equal keys different ones.
 */
final class Keys {
    private final Supplier<Marshaller> marshaller;

    Keys(Supplier<Marshaller> marshaller) {
        this.marshaller = marshaller;
    }

    RegionKey ofEntity(
            Object id, EntityPersister persister, SessionFactoryImplementor factory, @Nullable String tenant) {
        return ofIdentifier('E', persister.getRootEntityName(), id, persister.getIdentifierType(), factory, tenant);
    }

    @SuppressWarnings("removal") // 6.6 has no other way
    RegionKey ofCollection(
            Object id, CollectionPersister persister, SessionFactoryImplementor factory, @Nullable String tenant) {
        return ofIdentifier('C', persister.getRole(), id, persister.getKeyType(), factory, tenant);
    }

    private RegionKey ofIdentifier(
            char kind, String role, Object id, Type type, SessionFactoryImplementor factory, @Nullable String tenant) {
        return new RegionKey(bytes(kind, role, tenant, type.disassemble(id, factory)), id);
    }

    RegionKey ofNaturalId(Object values, EntityPersister persister, SharedSessionContractImplementor session) {
        Collected parts = new Collected();
        persister.getNaturalIdMapping().addToCacheKey(parts, values, session);
        return new RegionKey(
                bytes('N', persister.getRootEntityName(), session.getTenantIdentifier(), parts.values.toArray()),
                values);
    }

    /** The name of a table, as the key of its timestamp. */
    static Bytes ofSpace(Object space) {
        return Bytes.wrap(String.valueOf(space).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A query with its parameters. Hibernate gives no access to what a {@link QueryKey} is made of, and what it writes when
     * it is serialized has hash codes in it; so its fields are read.
     */
    Bytes ofQuery(Object key, String namespace, SharedSessionContractImplementor session) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        out.write('Q');
        part(out, namespace);
        part(out, session.getTenantIdentifier());
        if (key instanceof QueryKey query) {
            fields(out, query);
        } else {
            part(out, key);
        }
        return Bytes.wrap(out.toByteArray());
    }

    private void fields(ByteArrayOutputStream out, Object owner) {
        for (Field field : ownFields(owner.getClass())) {
            try {
                Object value = field.get(owner);
                if (value instanceof QueryKey.ParameterBindingsMemento) {
                    fields(out, value);
                } else if (field.getName().equals("enabledFilterNames") && value instanceof String[] names) {
                    String[] sorted = names.clone();
                    Arrays.sort(sorted);
                    part(out, sorted);
                } else if (!field.getName().equals("hashCode")) {
                    part(out, value);
                }
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("just made accessible: " + field, e);
            }
        }
    }

    private static final ClassValue<Field[]> FIELDS = new ClassValue<>() {
        @Override
        protected Field[] computeValue(Class<?> type) {
            return Arrays.stream(type.getDeclaredFields())
                    .filter(field -> !Modifier.isStatic(field.getModifiers()))
                    .sorted(Comparator.comparing(Field::getName))
                    .peek(field -> field.setAccessible(true))
                    .toArray(Field[]::new);
        }
    };

    private static Field[] ownFields(Class<?> type) {
        try {
            return FIELDS.get(type);
        } catch (RuntimeException e) {
            throw new CacheException(
                    "the fields of " + type.getName() + " cannot be read, which the query cache needs"
                            + " to tell queries apart; open the module of Hibernate, or switch off hibernate.cache.use_query_cache",
                    e);
        }
    }

    private Bytes bytes(char kind, String role, @Nullable String tenant, @Nullable Object parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(96);
        out.write(kind);
        part(out, role);
        part(out, tenant);
        part(out, parts);
        return Bytes.wrap(out.toByteArray());
    }

    private void part(ByteArrayOutputStream out, @Nullable Object part) {
        Parts.write(out, marshaller.get(), plain(part));
    }

    /** Arrays as arrays of objects, whatever they were of: Java serialization of the others would tell them apart. */
    private static @Nullable Object plain(@Nullable Object part) {
        return part instanceof Object[] elements
                ? Arrays.stream(elements).map(Keys::plain).toArray()
                : part;
    }

    /** Takes the parts of a natural id, and no hash code. */
    private static final class Collected implements MutableCacheKeyBuilder {
        private static final long serialVersionUID = 1;

        private final ArrayList<@Nullable Object> values = new ArrayList<>();

        @Override
        public void addValue(@Nullable Object value) {
            values.add(value);
        }

        @Override
        public void addHashCode(int hashCode) {
            // not part of the key
        }

        @Override
        public Serializable build() {
            return values;
        }
    }
}
