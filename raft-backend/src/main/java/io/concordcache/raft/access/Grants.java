package io.concordcache.raft.access;

import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Needs;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.wire.Request;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What those who are no members may do. Pure: the same question has the same answer.
 *
 * @param certificates by name, of a host or the common name of the subject, in lower case
 * @param tokens by their holder's name
 * @param toTokens by the same name
 */
public record Grants(
        Map<String, List<Grant>> certificates, Map<String, Token> tokens, Map<String, List<Grant>> toTokens) {
    private static final String ALL = "*";
    private static final Caches UNKNOWN = new Caches() {
        @Override
        public @Nullable CacheInfo cache(long cacheId) {
            return null;
        }

        @Override
        public @Nullable Command completedBy(Command.Part last) {
            return null;
        }
    };

    public Grants {
        certificates = Map.copyOf(certificates);
        tokens = Map.copyOf(tokens);
        toTokens = Map.copyOf(toTokens);
    }

    /**
     * Roles for caches.
     *
     * @param pattern of their names, see {@link Glob}
     */
    public record Grant(Set<Role> roles, String pattern) {
        public Grant {
            roles = Set.copyOf(roles);
        }
    }

    /** What is known of the caches. */
    public interface Caches {
        /** Null if there is none of this id, or none is known. */
        @Nullable
        CacheInfo cache(long cacheId);

        /** What this part completes, null for nothing. */
        @Nullable
        Command completedBy(Command.Part last);
    }

    /** The name by which this token is known, null if it is not. */
    private @Nullable String holder(Token shown) {
        String found = null;
        for (Map.Entry<String, Token> each : tokens.entrySet()) {
            if (each.getValue().is(shown)) { // and look at the others, so that it takes as long
                found = each.getKey();
            }
        }
        return found;
    }

    /** How logs call them. */
    public String name(Who who) {
        Token shown = who.token();
        String holder = shown == null ? null : holder(shown);
        return holder == null ? who.peer().toString() : "token " + holder;
    }

    /** All that somebody is granted. */
    public List<Grant> of(Who who) {
        List<Grant> all = new ArrayList<>();
        for (String name : who.peer().identities()) {
            all.addAll(certificates.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
        }
        Token shown = who.token();
        String holder = shown == null ? null : holder(shown);
        if (holder != null) {
            all.addAll(toTokens.getOrDefault(holder, List.of()));
        }
        return all;
    }

    /**
     * Lets a request pass.
     *
     * @throws RequestRejectedException if it must not, or names a cache that is not known; the message says which role is
     *     missing
     * @throws RuntimeException of {@code caches}
     */
    public void require(Who who, Request request, Caches caches) {
        request.needs(new Check(who, caches));
    }

    /**
     * Lets pass what names caches by their names alone.
     *
     * @param asked told what to say what it needs to
     * @throws RequestRejectedException if it must not; the message says which role is missing
     */
    public void require(Who who, Consumer<Needs> asked) {
        asked.accept(new Check(who, UNKNOWN));
    }

    /** What somebody may do with the cache of this name. */
    public Set<Role> roles(Who who, String cacheName) {
        return new Check(who, UNKNOWN).roles(cacheName);
    }

    private final class Check implements Needs {
        private final Who who;
        private final Caches caches;
        private final List<Grant> grants;
        private final Map<Long, Set<Role>> known = new HashMap<>();

        Check(Who who, Caches caches) {
            this.who = who;
            this.caches = caches;
            this.grants = of(who);
        }

        @Override
        public void role(Role role, long cacheId) {
            if (!known.computeIfAbsent(cacheId, this::roles).contains(role)) {
                CacheInfo cache = caches.cache(cacheId);
                if (cache == null) {
                    anyRole();
                    throw RequestRejectedException.noSuchCache(cacheId);
                }
                throw refused(missing(role, cache.definition().name()));
            }
        }

        private Set<Role> roles(long cacheId) {
            CacheInfo cache = caches.cache(cacheId);
            return cache == null
                    ? roles(grant -> grant.pattern().equals(ALL))
                    : roles(cache.definition().name());
        }

        private Set<Role> roles(String cacheName) {
            return roles(grant -> Glob.matches(grant.pattern(), cacheName));
        }

        private Set<Role> roles(Predicate<Grant> which) {
            return grants.stream()
                    .filter(which)
                    .flatMap(grant -> grant.roles().stream())
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Role.class)));
        }

        @Override
        public void role(Role role, String cacheName) {
            if (!roles(cacheName).contains(role)) {
                throw refused(missing(role, cacheName));
            }
        }

        private String missing(Role role, String cacheName) {
            return "has not the role '" + role.name().toLowerCase(Locale.ROOT) + "' for the cache '"
                    + Escaped.of(cacheName) + "'";
        }

        @Override
        public void anyRole() {
            if (grants.isEmpty()) {
                throw refused("has no role");
            }
        }

        @Override
        public void cluster() {
            boolean granted = roles(grant -> grant.pattern().equals(ALL)).contains(Role.ADMIN);
            if (!granted) {
                throw refused("has not the role 'admin' for all caches (*), which administers the cluster");
            }
        }

        @Override
        public void membership() {
            throw refused("is no member; only members may ask for this");
        }

        @Override
        public void whole(Command.Part last) {
            Command whole = caches.completedBy(last);
            if (whole != null) {
                whole.needs(this);
            }
        }

        private RequestRejectedException refused(String why) {
            if (who.isUnknown()) {
                return new RequestRejectedException(
                        Reason.UNAUTHENTICATED, "who shows neither a certificate nor a token " + why);
            }
            Token shown = who.token();
            if (shown != null && holder(shown) == null) {
                return new RequestRejectedException(
                        Reason.UNAUTHENTICATED, "the token is not known to this member; without it the caller " + why);
            }
            return new RequestRejectedException(
                    Reason.FORBIDDEN, Escaped.of(name(who)) + " " + why + " (file access.file of the member)");
        }
    }
}
