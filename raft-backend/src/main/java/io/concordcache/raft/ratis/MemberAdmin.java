package io.concordcache.raft.ratis;

import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheInfo;
import io.concordcache.raft.core.CacheState;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.store.ClusterAdmin;
import io.concordcache.raft.store.ClusterStatus;
import io.concordcache.raft.store.ClusterStatus.MemberStatus;
import io.concordcache.raft.store.ClusterStatus.Role;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.RequestRejectedException.Reason;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.store.StoreUnavailableException;
import io.concordcache.raft.store.Traces;
import io.concordcache.raft.wire.Request;
import io.concordcache.raft.wire.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A member of a cluster towards the others, its clients, and whoever administers it. */
final class MemberAdmin implements RpcService.Handler, ClusterAdmin {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(75);
    private static final int KEYS_PER_MESSAGE = 1000;

    private final RatisStore store;
    private final RatisSettings settings;
    private final ClusterSettings cluster;
    private final Identity identity;
    private final Path group;
    private final Forwarding forwarding;
    private final Nudges nudges;
    private final @Nullable Gate gate;

    MemberAdmin(
            RatisStore store,
            RatisSettings settings,
            ClusterSettings cluster,
            Path directory,
            Forwarding forwarding,
            Nudges nudges,
            @Nullable Gate gate) {
        this.store = store;
        this.settings = settings;
        this.cluster = cluster;
        this.identity = Identity.of(directory, cluster.self().id());
        this.group = directory.resolve(
                RatisMember.groupId(settings.clusterName()).getUuid().toString());
        this.forwarding = forwarding;
        this.nudges = nudges;
        this.gate = gate;
    }

    Identity identity() {
        return identity;
    }

    // What others ask; Ratis' server gives each request a thread, which may wait.

    @Override
    public CompletableFuture<Response> answer(Request request, Caller caller) {
        if (request instanceof Request.Append append) {
            return append(append, caller);
        }
        try {
            return CompletableFuture.completedFuture(answered(request, caller));
        } catch (StoreException e) {
            return CompletableFuture.completedFuture(Forwarding.response(e));
        }
    }

    @Override
    public Traces traces() {
        return store.traces();
    }

    private void pass(Request request, Caller caller) {
        if (gate == null) {
            return;
        }
        try {
            if (request instanceof Request.Position) {
                gate.require(caller, request); // must not wait
            } else {
                gate.requirePatiently(caller, request);
            }
        } catch (StoreException e) {
            String what = Audit.what(request);
            if (what != null) {
                AuditLog.tell(name(caller), caller.address(), what, Audit.failed(e));
            }
            throw e;
        }
    }

    private String name(Caller caller) {
        return gate == null ? caller.who().peer().toString() : gate.name(caller);
    }

    private Response answered(Request request, Caller caller) {
        pass(request, caller);
        if (request instanceof Request.Position position) {
            nudges.now(position.from());
            ReadBarrier.Position own = votingMember().position();
            return new Response.Position(own.lastIndex(), own.configurationIndex());
        } else if (request instanceof Request.Read read) {
            return read(read);
        } else if (request instanceof Request.Used used) {
            store.heard(used);
        } else if (request instanceof Request.Fence) {
            long acknowledged = store.acknowledgedIndex();
            return new Response.Entries(List.of(), acknowledged, acknowledged, store.nowMillis());
        } else if (request instanceof Request.Caches) {
            return caches();
        } else if (request instanceof Request.Fetch fetch) {
            return SnapshotPieces.read(store, group.resolve("current/raft-meta.conf"), fetch);
        } else if (request instanceof Request.Probe probe) {
            return here(probe);
        } else if (request instanceof Request.Status) {
            return new Response.Status(status());
        } else {
            String what = Audit.what(request);
            if (what == null) {
                throw new RequestRejectedException(Reason.NOT_UNDERSTOOD, "no answer to " + request);
            }
            Audit.telling(name(caller), caller.address(), what, () -> administer(request));
        }
        return new Response.Done();
    }

    private void administer(Request request) {
        if (request instanceof Request.AddMember add) {
            add(add.member());
        } else if (request instanceof Request.RemoveMember remove) {
            remove(remove.id());
        } else if (request instanceof Request.Transfer transfer) {
            transfer(transfer.id());
        } else if (request instanceof Request.Snapshot snapshot) {
            takeSnapshot(snapshot.id());
        } else {
            throw new RequestRejectedException(Reason.NOT_UNDERSTOOD, "no answer to " + request);
        }
    }

    /** One that is not in the group, or cannot serve, must not count for a majority. */
    private RatisMember votingMember() {
        RatisMember member = store.current();
        if (member.voters() == null) {
            throw new StoreUnavailableException("this member is in no group, or not any more");
        }
        return member;
    }

    private CompletableFuture<Response> append(Request.Append append, Caller caller) {
        RatisMember member;
        try {
            member = store.current();
            if (!member.isLeader()) {
                return CompletableFuture.completedFuture(new Response.NotLeader(member.leader()));
            }
        } catch (StoreException e) {
            return CompletableFuture.completedFuture(Forwarding.response(e));
        }
        List<Audit.Action> actions =
                Audit.actions(append.entry().commands(), store.stateMachine().state());
        try {
            if (gate != null) {
                gate.require(caller, append);
            }
            Admission.check(append.entry(), store.stateMachine(), settings);
            requireRoom(append.entry().commands());
        } catch (RequestRejectedException e) {
            // A leader that has just been elected may not know each cache yet.
            StoreException told = e.reason() == Reason.NO_SUCH_CACHE && !member.isReady()
                    ? new StoreUnavailableException("this member has just begun to lead")
                    : e;
            actions.forEach(action -> tell(caller, action, Audit.failed(told)));
            return CompletableFuture.completedFuture(Forwarding.response(told));
        } catch (StoreException e) {
            return CompletableFuture.completedFuture(Forwarding.response(e));
        }
        return store.append(member, append.entry()).handle((logged, failure) -> {
            if (failure == null) {
                nudges.now(append.from());
                actions.forEach(action -> tell(caller, action, Audit.result(logged.applied(), action)));
                return new Response.Appended(logged.applied(), logged.index());
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            StoreException told = cause instanceof GroupCommit.NotAppendedException
                    ? new StoreUnavailableException(String.valueOf(cause.getMessage()))
                    : new OutcomeUnknownException(String.valueOf(cause.getMessage()));
            actions.forEach(action -> tell(caller, action, Audit.failed(told)));
            return Forwarding.response(told);
        });
    }

    private void tell(Caller caller, Audit.Action action, String result) {
        AuditLog.tell(name(caller), caller.address(), action.what(), result);
    }

    private void requireRoom(List<Command> commands) {
        for (Command command : commands) {
            if (command instanceof Command.CreateCache create) {
                store.requireRoomFor(create);
            }
        }
    }

    private Response read(Request.Read read) {
        if (read.minIndex() > 0) {
            store.reads().awaitApplied(read.minIndex());
        }
        long index = store.stateMachine().applied().get();
        List<@Nullable Entry> entries = read.keys().size() == 1
                ? single(store.get(read.cacheId(), read.keys().get(0), read.level()))
                : store.getAll(read.cacheId(), read.keys(), read.level());
        store.meters().served(read.cacheId(), entries);
        return new Response.Entries(entries, index, store.newestIndex(), store.nowMillis());
    }

    private static List<@Nullable Entry> single(@Nullable Entry entry) {
        List<@Nullable Entry> one = new ArrayList<>(1);
        one.add(entry);
        return one;
    }

    private Response caches() {
        List<Response.SizedCache> all = new ArrayList<>();
        for (CacheInfo info : store.caches()) {
            all.add(new Response.SizedCache(info, store.size(info.id())));
        }
        return new Response.CacheList(all, store.stateMachine().applied().get(), store.nowMillis());
    }

    private Response.Here here(Request.Probe probe) {
        Request.Starting from = probe.from();
        RatisMember member = store.currentOrNull();
        boolean hasGroup = member != null && member.hasGroup();
        Member leader = member == null ? null : member.leader();
        return new Response.Here(
                own(),
                identity.incarnation(),
                from == null ? 0 : identity.known(from.self().id()),
                hasGroup,
                member == null ? -1 : member.position().configurationIndex(),
                member == null ? List.of() : member.members(),
                leader == null ? null : leader.id(),
                cluster.members());
    }

    @Override
    public void stream(Request request, Caller caller, RpcService.Sink sink) {
        try {
            pass(request, caller);
            if (request instanceof Request.Subscribe subscribe) {
                store.feeds().open(store, subscribe.cacheId(), sink, () -> {
                    if (gate != null) {
                        gate.require(caller, subscribe);
                    }
                });
            } else if (request instanceof Request.Keys keys) {
                if (keys.minIndex() > 0) {
                    store.reads().awaitApplied(keys.minIndex());
                }
                new KeyStream(store.keys(keys.cacheId(), keys.level()), sink).start();
            } else if (request instanceof Request.Backup) {
                AuditLog.tell(name(caller), caller.address(), "backup", "begun");
                store.copyTo(sink);
            } else {
                throw new RequestRejectedException(Reason.NOT_UNDERSTOOD, "no stream for " + request);
            }
        } catch (StoreException e) {
            sink.send(Forwarding.response(e));
            sink.complete();
        }
    }

    /** Keys as fast as the connection takes them. */
    private static final class KeyStream {
        private final Iterator<Bytes> keys;
        private final RpcService.Sink sink;
        private boolean complete;

        KeyStream(Iterator<Bytes> keys, RpcService.Sink sink) {
            this.keys = keys;
            this.sink = sink;
        }

        void start() {
            sink.onReady(this::send);
            send();
        }

        private synchronized void send() {
            while (sink.isReady() && !complete) {
                List<Bytes> some = new ArrayList<>();
                while (keys.hasNext() && some.size() < KEYS_PER_MESSAGE) {
                    some.add(keys.next());
                }
                sink.send(new Response.Keys(some));
                if (!keys.hasNext()) {
                    complete = true;
                    sink.complete();
                }
            }
        }
    }

    // Administration

    private MemberStatus own() {
        RatisMember member = store.currentOrNull();
        Member self = cluster.self();
        if (member == null) {
            return new MemberStatus(self, Role.IMPAIRED, 0, -1, -1, -1, 0, 0, store.problem());
        }
        CacheState state = store.stateMachine().state();
        long entries = 0;
        List<CacheInfo> caches = state.caches();
        for (CacheInfo cache : caches) {
            entries += state.size(cache.id());
        }
        return new MemberStatus(
                self,
                store.role(member),
                member.term(),
                member.position().lastIndex(),
                store.stateMachine().applied().get(),
                store.stateMachine().snapshotIndex(),
                caches.size(),
                entries,
                store.problem());
    }

    @Override
    public ClusterStatus status() {
        List<Member> all =
                store.currentOrNull() == null ? List.of() : store.current().members();
        Map<String, CompletableFuture<MemberStatus>> asked = new LinkedHashMap<>();
        for (Member member : all.isEmpty() ? cluster.members() : all) {
            asked.put(
                    member.id(),
                    member.id().equals(cluster.self().id())
                            ? CompletableFuture.completedFuture(own())
                            : statusOf(member));
        }
        asked.computeIfAbsent(cluster.self().id(), self -> CompletableFuture.completedFuture(own()));
        List<MemberStatus> answers = asked.values().stream()
                .map(CompletableFuture::join)
                .sorted(Comparator.comparing(status -> status.member().id()))
                .toList();
        long term = answers.stream().mapToLong(MemberStatus::term).max().orElse(0);
        String leader = answers.stream()
                .filter(status -> status.role() == Role.LEADER && status.term() == term)
                .map(status -> status.member().id())
                .findFirst()
                .orElse(null);
        return new ClusterStatus(settings.clusterName(), leader, term, answers);
    }

    private CompletableFuture<MemberStatus> statusOf(Member member) {
        return forwarding
                .channels()
                .call(member, new Request.Probe(null), STATUS_TIMEOUT)
                .handle((response, failure) -> response instanceof Response.Here here
                        ? here.status()
                        : MemberStatus.unreachable(
                                member,
                                failure instanceof Channels.NotSentException
                                        ? "cannot be reached: " + failure.getMessage()
                                        : "no answer within " + STATUS_TIMEOUT.toMillis() + " ms"));
    }

    /** At the wish of this process. */
    private void ofThisProcess(Request request) {
        Audit.telling(
                "this process",
                cluster.self().toString(),
                String.valueOf(Audit.what(request)),
                () -> administer(request));
    }

    @Override
    public void addMember(Member added) {
        ofThisProcess(new Request.AddMember(added));
    }

    @Override
    public void removeMember(String id) {
        ofThisProcess(new Request.RemoveMember(id));
    }

    @Override
    public void transferLeadership(@Nullable String id) {
        ofThisProcess(new Request.Transfer(id == null ? "" : id));
    }

    @Override
    public void snapshot(@Nullable String id) {
        ofThisProcess(new Request.Snapshot(id == null ? "" : id));
    }

    private void add(Member added) {
        RatisMember member = store.current();
        if (!member.isLeader()) {
            atLeader(new Request.AddMember(added), CHANGE_TIMEOUT);
            return;
        }
        for (Member known : member.members()) {
            if (known.id().equals(added.id()) || known.address().equals(added.address())) {
                throw rejected("there is a member " + known + " already");
            }
        }
        Response answer;
        try {
            answer = forwarding
                    .channels()
                    .callPatiently(added, new Request.Probe(null), JOIN_TIMEOUT)
                    .get(2 * JOIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreUnavailableException(
                    "not added: " + added + " does not answer; start it with join first", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        if (!(answer instanceof Response.Here here)
                || here.status().role() != Role.JOINING
                || !here.status().member().equals(added)) {
            throw rejected(added + " is not a member that waits to join; start it with join and an empty directory"
                    + " (it answered " + answer + ")");
        }
        change(member.add(added), "added");
    }

    private void remove(String id) {
        RatisMember member = store.current();
        if (!member.isLeader()) {
            atLeader(new Request.RemoveMember(id), CHANGE_TIMEOUT);
            return;
        }
        List<Member> members = member.members();
        if (members.stream().noneMatch(known -> known.id().equals(id))) {
            throw unknown(id, members);
        }
        if (members.size() == 1) {
            throw rejected("the last member cannot be removed");
        }
        change(member.remove(id), "removed");
    }

    private void transfer(String id) {
        RatisMember member = store.current();
        if (!member.isLeader()) {
            atLeader(new Request.Transfer(id), settings.operationTimeout());
            return;
        }
        String heir = id.isEmpty() ? nudges.mostUpToDate() : id;
        List<Member> members = member.members();
        if (heir == null) {
            throw new StoreUnavailableException("not handed over: no other member answers");
        }
        if (members.stream().noneMatch(known -> known.id().equals(heir))) {
            throw unknown(heir, members);
        }
        change(member.transferLeadership(heir, settings.operationTimeout().toMillis()), "handed over");
    }

    private void takeSnapshot(String id) {
        boolean all = id.isEmpty();
        for (Member member : store.current().members()) {
            if (!all && !id.equals(member.id())) {
                continue;
            }
            if (member.id().equals(cluster.self().id())) {
                store.wantSnapshot();
                if (!all) {
                    return;
                }
            } else {
                ask(member, new Request.Snapshot(member.id()), settings.operationTimeout());
                if (!all) {
                    return;
                }
            }
        }
        if (!all) {
            throw unknown(id, store.current().members());
        }
    }

    private void atLeader(Request request, Duration timeout) {
        Member leader = store.current().leader();
        if (leader == null || leader.equals(cluster.self())) {
            throw new StoreUnavailableException("not done: no leader is known; perhaps one is being elected");
        }
        ask(leader, request, timeout);
    }

    private void ask(Member member, Request request, Duration timeout) {
        try {
            Response response = forwarding
                    .channels()
                    .call(member, request, timeout)
                    .get(timeout.toMillis() + STATUS_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            StoreException failure = Forwarding.failure(response);
            if (failure != null) {
                throw failure;
            }
        } catch (ExecutionException | TimeoutException e) {
            throw Objects.requireNonNullElse(e.getCause(), e) instanceof Channels.NotSentException
                    ? new StoreUnavailableException("not done: " + member + " cannot be reached", e)
                    : new OutcomeUnknownException("no answer from " + member + "; look at the status", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void change(CompletableFuture<?> change, String what) {
        try {
            var unused = change.get(CHANGE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new StoreUnavailableException(
                    "not " + what + ": "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    e);
        } catch (TimeoutException e) {
            throw new OutcomeUnknownException(
                    "no answer within " + CHANGE_TIMEOUT.toSeconds() + " s; look at the status", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static OutcomeUnknownException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new OutcomeUnknownException("interrupted; look at the status", e);
    }

    private static RequestRejectedException rejected(String message) {
        return new RequestRejectedException(Reason.NO_CLUSTER, message);
    }

    private static RequestRejectedException unknown(String id, List<Member> members) {
        return rejected("there is no member '" + id + "'; the members are " + members);
    }
}
