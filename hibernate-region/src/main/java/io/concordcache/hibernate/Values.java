package io.concordcache.hibernate;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.MarshalException;
import io.concordcache.raft.marshal.Marshaller;
import io.concordcache.raft.marshal.StandardMarshaller;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.hibernate.Version;
import org.hibernate.boot.registry.classloading.spi.ClassLoaderService;
import org.hibernate.boot.registry.classloading.spi.ClassLoadingException;
import org.hibernate.cache.spi.entry.CollectionCacheEntry;
import org.hibernate.cache.spi.entry.StandardCacheEntryImpl;
import org.hibernate.cache.spi.entry.StructuredCacheEntry;
import org.hibernate.cache.spi.entry.StructuredCollectionCacheEntry;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.type.CompositeType;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes of values: 4 bytes that tell who wrote them (the version of Hibernate, the namespace of the application, the {@link
 * Shapes shape} of what it is the state of), then the object behind the class filter, entities and collections part by part. What others wrote, or what cannot be
 * read, is none.
 */
final class Values {
    private static final Logger LOG = LoggerFactory.getLogger(Values.class);
    private static final int TAG_LENGTH = 4;
    private static final int FORMAT = 2;
    private static final int INITIAL_LENGTH = 256;
    private static final byte OTHER = 0;
    private static final byte ENTITY = 1;
    private static final byte COLLECTION = 2;
    /** So many different problems are told of: what they say may come from whoever wrote the bytes. */
    private static final int MAX_WARNINGS = 1000;

    private static final List<String> HIBERNATE = List.of("org.hibernate.cache.**", "org.hibernate.type.**");

    private final RegionSettings settings;
    private final Supplier<SessionFactoryImplementor> factory;
    private final String writer;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Marshaller marshaller;

    /** @param structured whether Hibernate stores maps in place of its own types */
    Values(RegionSettings settings, boolean structured, Supplier<SessionFactoryImplementor> factory) {
        this.settings = settings;
        this.factory = factory;
        writer = FORMAT + "|" + majorMinor(Version.getVersionString()) + "|" + settings.namespace()
                + (structured ? "|structured|" : "|");
    }

    /** What values begin with that this writes and can read. */
    int tag(String shape) {
        CRC32 crc = new CRC32();
        crc.update((writer + shape).getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    /** Cached state of one minor version is not that of another. */
    private static String majorMinor(String version) {
        String[] parts = version.split("\\.", 3);
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }

    /** Made when it is first needed, for then all entities are known. */
    Marshaller marshaller() {
        Marshaller known = marshaller;
        if (known == null) {
            List<String> patterns = new ArrayList<>(HIBERNATE);
            patterns.addAll(settings.allowedClasses());
            ClassFilter filter = ClassFilter.of(patterns, attributeTypes(factory.get()));
            known = new StandardMarshaller(filter, new EntityLoader(factory.get()));
            marshaller = known;
        }
        return known;
    }

    /** Finds classes as Hibernate does, whichever thread asks. */
    private static final class EntityLoader extends ClassLoader {
        private final ClassLoaderService service;

        EntityLoader(SessionFactoryImplementor factory) {
            super(Values.class.getClassLoader());
            service = factory.getServiceRegistry().requireService(ClassLoaderService.class);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                return service.classForName(name);
            } catch (ClassLoadingException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** The classes of all attributes: enums and converted types of the application are among them. */
    @SuppressWarnings("removal") // 6.6 has no other way
    private static Class<?>[] attributeTypes(SessionFactoryImplementor factory) {
        Set<Class<?>> all = new HashSet<>();
        MappingMetamodelImplementor model = factory.getMappingMetamodel();
        model.forEachEntityDescriptor(persister -> {
            collect(persister.getIdentifierType(), all);
            for (Type type : persister.getPropertyTypes()) {
                collect(type, all);
            }
        });
        model.forEachCollectionDescriptor(persister -> collect(persister.getElementType(), all));
        return all.toArray(new Class<?>[0]);
    }

    private static void collect(Type type, Set<Class<?>> into) {
        if (type instanceof CompositeType composite) {
            for (Type each : composite.getSubtypes()) {
                collect(each, into);
            }
        } else if (!type.isAssociationType()) {
            into.add(type.getReturnedClass());
        }
    }

    /** Null if the value cannot be stored, which is said once for each reason. */
    @Nullable
    Bytes write(String region, int tag, Object value) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream(INITIAL_LENGTH);
            out.writeBytes(ByteBuffer.allocate(TAG_LENGTH).putInt(tag).array());
            write(out, value);
            return Bytes.wrap(out.toByteArray());
        } catch (MarshalException e) {
            if (isNew(region + e.getMessage())) {
                LOG.warn(
                        "A value of region {} is not cached: {} (here it is the setting {}serialization-allow)",
                        region,
                        e.getMessage(),
                        RegionSettings.PREFIX);
            }
            return null;
        }
    }

    private void write(ByteArrayOutputStream out, Object value) {
        if (value instanceof StandardCacheEntryImpl entity) {
            out.write(ENTITY);
            Parts.write(out, marshaller(), entity.getSubclass());
            Parts.write(out, marshaller(), entity.getVersion());
            Parts.write(out, marshaller(), entity.getDisassembledState());
        } else if (value instanceof CollectionCacheEntry collection) {
            out.write(COLLECTION);
            Parts.write(out, marshaller(), collection.getState());
        } else {
            out.write(OTHER);
            Parts.write(out, marshaller(), value);
        }
    }

    /** Null if it was written by others, or cannot be read. */
    @Nullable
    Object read(String region, int tag, Bytes bytes) {
        ByteBuffer all = ByteBuffer.wrap(bytes.unwrap());
        if (all.remaining() <= TAG_LENGTH || all.getInt() != tag) {
            return null;
        }
        try {
            Object value = read(all);
            if (all.hasRemaining()) {
                throw new MarshalException("the bytes are damaged: there are more than the value has");
            }
            return value;
        } catch (MarshalException e) {
            return unreadable(region, e.getMessage());
        } catch (RuntimeException e) { // from Hibernate, which was given what it does not expect
            return unreadable(region, "the bytes are damaged (" + e.getClass().getName() + ")");
        }
    }

    private boolean isNew(String warning) {
        return warned.size() < MAX_WARNINGS && warned.add(warning);
    }

    private @Nullable Object unreadable(String region, @Nullable String why) {
        if (isNew(region + why)) {
            LOG.warn("A value of region {} cannot be read and is taken as absent: {}", region, why);
        }
        return null;
    }

    private @Nullable Object read(ByteBuffer all) {
        byte kind = all.get();
        Object first = Parts.read(all, marshaller());
        return switch (kind) {
            case OTHER -> first;
            case COLLECTION ->
                StructuredCollectionCacheEntry.INSTANCE.destructure(Arrays.asList((Object[]) first), factory.get());
            case ENTITY -> entity(String.valueOf(first), Parts.read(all, marshaller()), Parts.read(all, marshaller()));
            default -> throw new MarshalException("the bytes are damaged: an unknown kind of value");
        };
    }

    /** By way of the form that Hibernate builds its own entries from. */
    private Object entity(String subclass, @Nullable Object version, @Nullable Object state) {
        EntityPersister persister = factory.get().getMappingMetamodel().getEntityDescriptor(subclass);
        String[] names = persister.getPropertyNames();
        if (!(state instanceof Object[] values) || values.length != names.length) {
            throw new MarshalException("the bytes are damaged: another number of attributes than " + subclass + " has");
        }
        Map<String, @Nullable Object> structured = new HashMap<>(2 * (names.length + 2));
        structured.put(StructuredCacheEntry.SUBCLASS_KEY, subclass);
        structured.put(StructuredCacheEntry.VERSION_KEY, version);
        for (int i = 0; i < names.length; i++) {
            structured.put(names[i], values[i]);
        }
        return new StructuredCacheEntry(persister).destructure(structured, factory.get());
    }
}
