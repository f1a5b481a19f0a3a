package io.concordcache.raft.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.ClientId;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.LockId;
import io.concordcache.raft.core.LogEntry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.core.Needs;
import io.concordcache.raft.core.Role;
import io.concordcache.raft.core.Slot;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.wire.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What each command and each request needs, and that none is left out. */
class NeedsTest {
    private static final Bytes KEY = Bytes.wrap(new byte[] {1});
    private static final Slot SLOT = new Slot(7, KEY);
    private static final LockId LOCK = new LockId(1, 2);

    private static List<String> needs(Consumer<Needs> of) {
        List<String> told = new ArrayList<>();
        of.accept(new Needs() {
            @Override
            public void role(Role role, long cacheId) {
                told.add(role + " " + cacheId);
            }

            @Override
            public void role(Role role, String cacheName) {
                told.add(role + " " + cacheName);
            }

            @Override
            public void anyRole() {
                told.add("any");
            }

            @Override
            public void cluster() {
                told.add("cluster");
            }

            @Override
            public void membership() {
                told.add("member");
            }

            @Override
            public void whole(Command.Part last) {
                told.add("whole " + last.transfer());
            }
        });
        return told;
    }

    private static Command.Write write(Mutation then, Command.Returning returning) {
        return new Command.Write(7, KEY, Condition.ANY, then, returning, 0);
    }

    private static final Command.Write PUT = write(new Mutation.Put(KEY, Expiry.BY_RULE), Command.Returning.NOTHING);

    private static Map<Command, List<String>> commands() {
        Map<Command, List<String>> all = new LinkedHashMap<>();
        all.put(PUT, List.of("WRITE 7"));
        all.put(write(Mutation.REMOVE, Command.Returning.VALUE_BEFORE), List.of("WRITE 7", "READ 7"));
        all.put(write(Mutation.EVICT, Command.Returning.NOTHING), List.of("WRITE 7"));
        all.put(write(new Mutation.Touch(Expiry.BY_RULE), Command.Returning.NOTHING), List.of("READ 7"));
        all.put(write(new Mutation.Touch(Expiry.after(0)), Command.Returning.NOTHING), List.of("WRITE 7"));
        all.put(new Command.Batch(7, List.of()), List.of("WRITE 7"));
        all.put(new Command.Batch(7, List.of(PUT)), List.of("WRITE 7"));
        all.put(new Command.Clear(7), List.of("WRITE 7"));
        all.put(new Command.CreateCache(CacheDefinition.named("orders")), List.of("ADMIN orders"));
        all.put(new Command.DestroyCache(7), List.of("ADMIN 7"));
        all.put(new Command.Tick(), List.of("any"));
        all.put(new Command.LockKey(7, KEY, 1), List.of("WRITE 7", "READ 7"));
        all.put(new Command.UnlockKey(7, KEY, 1), List.of("WRITE 7"));
        all.put(new Command.Register(), List.of("any"));
        all.put(new Command.RenewLease("m", 1, 1), List.of("member"));
        all.put(new Command.SoftLock(LOCK, 1, List.of(SLOT), List.of(8L)), List.of("any", "WRITE 7", "WRITE 8"));
        all.put(
                new Command.SoftUnlock(LOCK, List.of(new Command.Fill(SLOT, KEY)), List.of(new Slot(8, KEY))),
                List.of("any", "WRITE 7", "WRITE 8"));
        all.put(new Command.PutFromLoad(SLOT, 1, KEY), List.of("WRITE 7"));
        all.put(new Command.Invalidate(SLOT), List.of("WRITE 7"));
        all.put(new Command.Part(5, 0, 2, KEY), List.of("any"));
        all.put(new Command.Part(5, 1, 2, KEY), List.of("any", "whole 5"));
        return all;
    }

    private static Map<Request, List<String>> requests() {
        Map<Request, List<String>> all = new LinkedHashMap<>();
        Member member = Member.parse("a:1");
        all.put(new Request.Probe(null), List.of());
        all.put(new Request.Probe(new Request.Starting(member, 1, List.of())), List.of());
        all.put(new Request.Position("a"), List.of("member"));
        all.put(
                new Request.Append(
                        new LogEntry(0, new ClientId(1, 1), 1, 0, List.of(PUT, new Command.DestroyCache(8))), "a"),
                List.of("WRITE 7", "ADMIN 8"));
        all.put(new Request.Read(7, List.of(KEY), ReadLevel.EVENTUAL, 0), List.of("READ 7"));
        all.put(new Request.Used(Map.of(7L, List.of(KEY))), List.of("any", "READ 7"));
        all.put(new Request.Fence(), List.of("any"));
        all.put(new Request.Caches(), List.of("any"));
        all.put(new Request.Keys(7, ReadLevel.EVENTUAL, 0), List.of("READ 7"));
        all.put(new Request.Subscribe(7), List.of("READ 7"));
        all.put(new Request.Status(), List.of("any"));
        all.put(new Request.AddMember(member), List.of("cluster"));
        all.put(new Request.RemoveMember("a"), List.of("cluster"));
        all.put(new Request.Transfer("a"), List.of("cluster"));
        all.put(new Request.Snapshot("a"), List.of("cluster"));
        all.put(new Request.Backup(), List.of("cluster"));
        all.put(new Request.Fetch(0, -1, -1, 0), List.of("member"));
        all.put(new Request.Token("a token of some length"), List.of());
        return all;
    }

    @Test
    void eachCommandNeedsWhatItShould() {
        commands()
                .forEach((command, expected) ->
                        assertThat(needs(command::needs)).as(command.toString()).isEqualTo(expected));
        assertThat(kinds(commands().keySet())).isEqualTo(Set.of(Command.class.getPermittedSubclasses()));
    }

    @Test
    void eachRequestNeedsWhatItShould() {
        requests()
                .forEach((request, expected) ->
                        assertThat(needs(request::needs)).as(request.toString()).isEqualTo(expected));
        assertThat(kinds(requests().keySet())).isEqualTo(Set.of(Request.class.getPermittedSubclasses()));
    }

    private static Set<Class<?>> kinds(Set<?> samples) {
        Set<Class<?>> kinds = new LinkedHashSet<>();
        samples.forEach(sample -> kinds.add(sample.getClass()));
        return kinds;
    }

    /** Whoever has all roles for all caches but is no member may do all that members alone may not, and nothing else. */
    @Test
    void whatMembersAloneMayIsClosedToAdministrators() {
        List<Request> all = new ArrayList<>(requests().keySet());
        commands().keySet().stream()
                .filter(command -> !(command instanceof Command.Register))
                .forEach(command ->
                        all.add(new Request.Append(new LogEntry(0, new ClientId(1, 1), 1, 0, List.of(command)), "")));
        Grants grants = GrantsTest.grants("certificate boss read,write,admin *");
        List<Request> closed = all.stream()
                .filter(request -> GrantsTest.refusal(grants, GrantsTest.certified("boss"), request) != null)
                .toList();
        assertThat(closed)
                .hasSize(3)
                .anyMatch(request -> request instanceof Request.Position)
                .anyMatch(request -> request instanceof Request.Fetch)
                .anyMatch(request -> request instanceof Request.Append append
                        && append.entry().commands().get(0) instanceof Command.RenewLease);
    }
}
