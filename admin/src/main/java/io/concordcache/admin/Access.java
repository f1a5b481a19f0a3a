package io.concordcache.admin;

import org.jspecify.annotations.Nullable;

/** Says who is behind a token. Thread-safe. */
public interface Access {
    /** Whoever reaches the port may do all: for ports that only this machine reaches. */
    Access ANYBODY = new Access() {
        private static final Caller LOCAL = new Caller("anybody", Role.ADMIN);

        @Override
        public boolean needsToken() {
            return false;
        }

        @Override
        public Caller caller(@Nullable String token) {
            return LOCAL;
        }
    };

    /** Whether a caller without a token is nobody. */
    boolean needsToken();

    /**
     * The caller with this token; null if there is none.
     *
     * @param token null if the caller showed none
     */
    @Nullable
    Caller caller(@Nullable String token);
}
