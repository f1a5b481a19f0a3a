package io.concordcache.jcache.operation;

import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import java.util.Set;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.EternalExpiryPolicy;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.expiry.TouchedExpiryPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an {@link ExpiryPolicy} says (JSR-107 chapter 6). The standard ones are data, evaluated where the entry lives;
 * any other is asked here, exactly the callback that applies.
 *
 * <p>A policy that throws: a new entry does not expire, an existing one keeps its deadline, as in the reference
 * implementation.
 */
public final class ExpiryDecisions {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiryDecisions.class);
    private static final Set<Class<?>> STANDARD = Set.of(
            EternalExpiryPolicy.class,
            CreatedExpiryPolicy.class,
            ModifiedExpiryPolicy.class,
            AccessedExpiryPolicy.class,
            TouchedExpiryPolicy.class);

    private final Customization<ExpiryPolicy> policy;
    private final boolean standard;
    private final ExpiryRule rule;
    private final boolean accessCounts;

    private ExpiryDecisions(ExpiryPolicy policy, boolean standard, ExpiryRule rule) {
        this.policy = new Customization<>(policy);
        this.standard = standard;
        this.rule = rule;
        this.accessCounts = !standard || !rule.onAccess().equals(Expiry.UNCHANGED);
    }

    /** A policy as it was configured. */
    public static ExpiryDecisions of(ExpiryPolicy policy) {
        return STANDARD.contains(policy.getClass())
                ? of(
                        new ExpiryRule(
                                expiry(policy.getExpiryForCreation()),
                                expiry(policy.getExpiryForAccess()),
                                expiry(policy.getExpiryForUpdate())),
                        policy)
                : new ExpiryDecisions(policy, false, ExpiryRule.ETERNAL);
    }

    /** A policy that is data, as the store has it, and how it is shown. */
    public static ExpiryDecisions of(ExpiryRule rule, ExpiryPolicy shown) {
        return new ExpiryDecisions(shown, true, rule);
    }

    /** The policy as data; eternal for one that is asked each time. */
    public ExpiryRule rule() {
        return rule;
    }

    /** Whether the policy has to be asked for each operation. */
    public boolean isAsked() {
        return !standard;
    }

    /** The policy itself, to be closed with the cache. */
    public Customization<ExpiryPolicy> policy() {
        return policy;
    }

    Expiry forCreation() {
        if (standard) {
            return Expiry.BY_RULE;
        }
        try {
            Duration duration = policy.call(ExpiryPolicy::getExpiryForCreation);
            return duration == null ? Expiry.ETERNAL : expiry(duration);
        } catch (RuntimeException e) {
            LOG.warn("the expiry policy {} failed; the new entry does not expire", policy.object(), e);
            return Expiry.ETERNAL;
        }
    }

    Expiry forUpdate() {
        if (standard) {
            return Expiry.BY_RULE;
        }
        try {
            return expiry(policy.call(ExpiryPolicy::getExpiryForUpdate));
        } catch (RuntimeException e) {
            LOG.warn("the expiry policy {} failed; the entry keeps its deadline", policy.object(), e);
            return Expiry.UNCHANGED;
        }
    }

    /** Whether an access may move the deadline of an entry; false is for ever. */
    boolean accessCounts() {
        return accessCounts;
    }

    Expiry forAccess() {
        if (standard) {
            return rule.onAccess();
        }
        try {
            return expiry(policy.call(ExpiryPolicy::getExpiryForAccess));
        } catch (RuntimeException e) {
            LOG.warn("the expiry policy {} failed; the entry keeps its deadline", policy.object(), e);
            return Expiry.UNCHANGED;
        }
    }

    private static Expiry expiry(@Nullable Duration duration) {
        if (duration == null) {
            return Expiry.UNCHANGED;
        }
        if (duration.isEternal()) {
            return Expiry.ETERNAL;
        }
        // A time below the clock's resolution is still a time.
        long millis = duration.getTimeUnit().toMillis(duration.getDurationAmount());
        return Expiry.after(duration.isZero() ? 0 : Math.max(1, millis));
    }
}
