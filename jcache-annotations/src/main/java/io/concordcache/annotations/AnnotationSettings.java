package io.concordcache.annotations;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What an application may choose. A CDI bean of this type, or system properties that begin with {@code jcache.annotations.}.
 *
 * @param createCaches which caches that do not exist are created at the first call that needs them: property {@code
 *     create-caches}, {@code generated}, {@code all} or {@code none}; default {@code generated}
 * @param statistics whether calls are counted for each method, by MXBeans in the domain {@code io.concordcache.annotations}:
 *     property {@code statistics}, {@code true} or {@code false}; default {@code false}
 */
public record AnnotationSettings(CreateCaches createCaches, boolean statistics) {
    /** What the names of system properties begin with. */
    public static final String PREFIX = "jcache.annotations.";

    private static final String CREATE_CACHES = PREFIX + "create-caches";
    private static final String STATISTICS = PREFIX + "statistics";

    /** Without any property. */
    public static final AnnotationSettings DEFAULTS = new AnnotationSettings(CreateCaches.GENERATED, false);

    /** Which caches may be created by a call. */
    public enum CreateCaches {
        /** None: each must have been created before. */
        NONE,
        /** Those of methods that name none, so that their name is generated. A name that is written may be misspelt. */
        GENERATED,
        /** Any, as the reference implementation did. */
        ALL
    }

    /** Checks that there is a choice. */
    public AnnotationSettings {
        Objects.requireNonNull(createCaches, "createCaches is null");
    }

    /**
     * From properties such as the system's.
     *
     * @throws IllegalArgumentException for a property with the prefix that is not known, or a value that is not; the message
     *     says what is
     */
    public static AnnotationSettings from(Properties properties) {
        List<String> known = List.of(CREATE_CACHES, STATISTICS);
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                throw new IllegalArgumentException(
                        "unknown setting " + name + "; there are " + String.join(" and ", known));
            }
        }
        return new AnnotationSettings(
                createCaches(properties.getProperty(CREATE_CACHES, "generated")),
                statistics(properties.getProperty(STATISTICS, "false")));
    }

    private static CreateCaches createCaches(String text) {
        for (CreateCaches choice : CreateCaches.values()) {
            if (lower(choice).equals(text)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(CREATE_CACHES + " is '" + text + "'; it can be "
                + Arrays.stream(CreateCaches.values())
                        .map(AnnotationSettings::lower)
                        .collect(Collectors.joining(", ")));
    }

    private static boolean statistics(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(STATISTICS + " is '" + text + "'; it can be true or false");
        };
    }

    private static String lower(CreateCaches choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }
}
