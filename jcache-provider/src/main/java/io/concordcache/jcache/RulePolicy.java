package io.concordcache.jcache;

import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.ExpiryRule;
import java.util.concurrent.TimeUnit;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import org.jspecify.annotations.Nullable;

/** The expiry of a cache in the store, shown as a policy to those who open it without having configured it. */
final class RulePolicy implements ExpiryPolicy {
    private final ExpiryRule rule;

    RulePolicy(ExpiryRule rule) {
        this.rule = rule;
    }

    @Override
    public @Nullable Duration getExpiryForCreation() {
        return duration(rule.onCreation());
    }

    @Override
    @SuppressWarnings("NullAway") // null leaves the deadline as it is, says the interface
    public Duration getExpiryForAccess() {
        return duration(rule.onAccess());
    }

    @Override
    @SuppressWarnings("NullAway") // null leaves the deadline as it is, says the interface
    public Duration getExpiryForUpdate() {
        return duration(rule.onUpdate());
    }

    private static @Nullable Duration duration(Expiry expiry) {
        if (expiry.equals(Expiry.UNCHANGED)) {
            return null;
        }
        return expiry.equals(Expiry.ETERNAL) ? Duration.ETERNAL : new Duration(TimeUnit.MILLISECONDS, expiry.millis());
    }
}
