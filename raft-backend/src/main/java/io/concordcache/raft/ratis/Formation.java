package io.concordcache.raft.ratis;

import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a member with an empty directory gets its group. A member that voted and forgot it could vote twice, so an empty one
 * is trusted only if nobody has seen it before:
 *
 * <p>At the very first start all members of the list must be there, each with an empty directory; each writes down which
 * directories the others had, and then makes the group. One that comes back with another directory is refused: it must be
 * removed and added again. With {@code join} it waits, in a group without members, until the leader adds it.
 */
final class Formation {
    private static final Logger LOG = LoggerFactory.getLogger(Formation.class);
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(1);
    private static final long PAUSE_MILLIS = 50;
    private static final long SAY_MILLIS = 5_000;

    private final ClusterSettings cluster;
    private final Identity identity;
    private final Channels channels;
    private final BooleanSupplier given;

    /** @param givenUp whether nobody waits for it any more */
    Formation(ClusterSettings cluster, Identity identity, Channels channels, BooleanSupplier givenUp) {
        this.cluster = cluster;
        this.identity = identity;
        this.channels = channels;
        this.given = givenUp;
    }

    /** Gets the member into a group; blocks until the others have answered. */
    void enter(RatisMember member, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        long say = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SAY_MILLIS);
        while (true) {
            Map<Member, Response.Here> answers = ask();
            if (cluster.joining() ? join(member, answers) : form(member, answers)) {
                return;
            }
            List<Member> missing = new ArrayList<>(cluster.others());
            missing.removeAll(answers.keySet());
            if (given.getAsBoolean() || System.nanoTime() - deadline >= 0) {
                throw new StartException("the cluster could not be formed within " + patience.toSeconds()
                        + " s: no answer from " + missing + " (asked by " + cluster.self()
                        + "). At the first start all members must be there; check that they run and can be reached");
            }
            if (System.nanoTime() - say >= 0) {
                LOG.info("{} waits for {}", cluster.self(), missing);
                say = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SAY_MILLIS);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
        }
    }

    private Map<Member, Response.Here> ask() {
        Request.Probe probe =
                new Request.Probe(new Request.Starting(cluster.self(), identity.incarnation(), cluster.members()));
        Map<Member, CompletableFuture<Response>> asked = new HashMap<>();
        cluster.others().forEach(other -> asked.put(other, channels.call(other, probe, ASK_TIMEOUT)));
        Map<Member, Response.Here> answers = new HashMap<>();
        asked.forEach((other, answer) -> {
            try {
                Response response =
                        answer.handle((done, failure) -> done).get(2 * ASK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                if (response instanceof Response.Here here) {
                    answers.put(other, here);
                } else if (response instanceof Response.Failed failed
                        && failed.kind() == Response.Failed.Kind.REJECTED) {
                    throw new StartException(other + " refuses " + cluster.self() + ": " + failed.message());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("interrupted while the cluster was formed", e);
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                LOG.debug("{} does not answer", other, e);
            }
        });
        return answers;
    }

    private boolean form(RatisMember member, Map<Member, Response.Here> answers) throws IOException {
        for (Map.Entry<Member, Response.Here> answer : answers.entrySet()) {
            check(answer.getKey(), answer.getValue());
        }
        if (answers.size() < cluster.others().size()) {
            return false;
        }
        Map<String, Long> incarnations = new HashMap<>();
        answers.forEach((other, here) -> incarnations.put(other.id(), here.incarnation()));
        identity.remember(incarnations);
        member.form(cluster.members());
        return true;
    }

    private void check(Member other, Response.Here here) {
        String self = cluster.self().id();
        if (!here.status().member().equals(other)) {
            throw new StartException("at " + other.address() + " answers the member "
                    + here.status().member() + ", but the list says " + other + "; give all members the same list");
        }
        if (here.hasGroup()) {
            boolean formedWithUs = here.knows() == identity.incarnation();
            if (!formedWithUs) {
                throw new StartException(
                        here.members().stream().anyMatch(known -> known.id().equals(self))
                                ? "the member " + self + " has lost its directory: " + other
                                        + " knows it, but with other data. What it had acknowledged is gone, so it"
                                        + " must not vote: remove it from the cluster (members remove " + self
                                        + ") and start it with join under a new id, then add it"
                                : "the cluster of " + other + " exists already and " + self
                                        + " is no member of it; start it with join, then add it (members add "
                                        + cluster.self() + ")");
            }
        } else if (!sorted(here.list()).equals(sorted(cluster.members()))) {
            throw new StartException("the members do not agree who they are: " + cluster.self() + " was started with "
                    + cluster.members() + ", " + other + " with " + here.list() + "; give all the same list");
        }
    }

    private static List<Member> sorted(List<Member> members) {
        return members.stream().sorted(Comparator.comparing(Member::id)).toList();
    }

    /** Needs the word of a majority of the members that vote now: one that lags might not know us yet. */
    private boolean join(RatisMember member, Map<Member, Response.Here> answers) throws IOException {
        Response.Here newest = answers.values().stream()
                .filter(Response.Here::hasGroup)
                .max(Comparator.comparingLong(Response.Here::configurationIndex))
                .orElse(null);
        if (newest == null || newest.members().isEmpty()) {
            return false;
        }
        Set<String> said = new HashSet<>();
        answers.forEach((other, here) -> said.add(other.id()));
        long voters = newest.members().stream()
                .filter(voter -> said.contains(voter.id()))
                .count();
        if (voters <= newest.members().size() / 2) {
            return false;
        }
        if (newest.members().stream()
                .anyMatch(voter -> voter.id().equals(cluster.self().id()))) {
            throw new StartException("the member " + cluster.self().id()
                    + " is still in the cluster, with a directory that it has not any more: remove it first (members"
                    + " remove " + cluster.self().id() + ")");
        }
        member.awaitJoin();
        LOG.info("{} waits to be added to the cluster", cluster.self());
        return true;
    }
}
