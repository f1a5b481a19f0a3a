package io.concordcache.raft.core;

/**
 * A standard expiry policy as data (JSR-107 chapter 6: eternal, created, modified, accessed, touched), evaluated by the
 * replicas. None of the three may be {@link Expiry#BY_RULE}.
 *
 * @param onCreation time to live of a new entry
 * @param onAccess what a read does to the deadline
 * @param onUpdate what a new value does to the deadline
 */
public record ExpiryRule(Expiry onCreation, Expiry onAccess, Expiry onUpdate) {
    public static final ExpiryRule ETERNAL = new ExpiryRule(Expiry.ETERNAL, Expiry.UNCHANGED, Expiry.UNCHANGED);

    public ExpiryRule {
        if (onCreation.equals(Expiry.BY_RULE) || onAccess.equals(Expiry.BY_RULE) || onUpdate.equals(Expiry.BY_RULE)) {
            throw new IllegalArgumentException("an expiry rule cannot refer to itself");
        }
    }
}
