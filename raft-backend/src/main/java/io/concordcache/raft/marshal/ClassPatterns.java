package io.concordcache.raft.marshal;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Names of classes as a user writes them in the setting; see {@link ClassFilter} for the three forms. */
final class ClassPatterns {
    private static final String HELP = "; write a class (com.acme.Order, or com.acme.Order$Line for a nested one),"
            + " the classes of a package (com.acme.*), or a package and all below it (com.acme.**)";

    private final Set<String> classes = new HashSet<>();
    private final Set<String> packages = new HashSet<>();
    private final Set<String> prefixes = new TreeSet<>();
    private final boolean everything;

    ClassPatterns(Collection<String> patterns) {
        boolean all = false;
        for (String pattern : patterns) {
            if (pattern.equals("**")) {
                all = true;
            } else if (pattern.endsWith(".**")) {
                prefixes.add(named(pattern, 3) + ".");
            } else if (pattern.endsWith(".*")) {
                packages.add(named(pattern, 2));
            } else {
                classes.add(named(pattern, 0));
            }
        }
        everything = all;
    }

    boolean matches(Class<?> type) {
        String name = type.getName();
        return everything
                || classes.contains(name)
                || packages.contains(type.getPackageName())
                || prefixes.stream().anyMatch(name::startsWith);
    }

    private static String named(String pattern, int wildcardLength) {
        String name = pattern.substring(0, pattern.length() - wildcardLength);
        for (String part : name.split("\\.", -1)) {
            if (!isIdentifier(part)) {
                throw new IllegalArgumentException(ClassFilter.SETTING + ": \"" + MarshalException.printable(pattern)
                        + "\" is not the name of a class or package" + HELP);
            }
        }
        return name;
    }

    private static boolean isIdentifier(String part) {
        return !part.isEmpty()
                && Character.isJavaIdentifierStart(part.charAt(0))
                && part.chars().allMatch(Character::isJavaIdentifierPart);
    }
}
