package io.concordcache.admin;

import java.util.Locale;

/** What a caller may do; each includes those before. */
public enum Role {
    /** Looks. */
    READ,
    /** Changes entries, and clears caches. */
    WRITE,
    /** Makes and ends caches, and changes the members. */
    ADMIN;

    /** Whether one of this role may do what needs the other. */
    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
