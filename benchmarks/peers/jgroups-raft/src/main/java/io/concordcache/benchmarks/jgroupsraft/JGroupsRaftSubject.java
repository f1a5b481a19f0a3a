package io.concordcache.benchmarks.jgroupsraft;

import io.concordcache.benchmarks.member.Entries;
import io.concordcache.benchmarks.member.Seat;
import io.concordcache.benchmarks.member.Subject;
import io.concordcache.benchmarks.member.ValueType;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jgroups.JChannel;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.blocks.ReplicatedStateMachine;
import org.jspecify.annotations.Nullable;

/** jgroups-raft: its replicated map, with a log in memory and linearizable gets. */
public final class JGroupsRaftSubject implements Subject {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(100).toNanos();

    private @Nullable ReplicatedStateMachine<String, Object> map;
    private @Nullable RAFT raft;

    @Override
    public void start(Seat seat) throws Exception {
        System.setProperty("jgroups.bind.port", String.valueOf(seat.port()));
        System.setProperty(
                "benchmarks.hosts",
                seat.ports().stream().map(port -> Seat.HOST + "[" + port + "]").collect(Collectors.joining(",")));
        System.setProperty(
                "benchmarks.members",
                IntStream.range(0, seat.members()).mapToObj(i -> "m" + i).collect(Collectors.joining(",")));
        System.setProperty("benchmarks.member", "m" + seat.number());
        System.setProperty("benchmarks.directory", seat.directory().toString());
        JChannel channel = new JChannel("benchmarks-raft.xml");
        channel.name("m" + seat.number());
        ReplicatedStateMachine<String, Object> started = new ReplicatedStateMachine<>(channel);
        map = started.raftId("m" + seat.number()).timeout(Duration.ofSeconds(10).toMillis());
        channel.connect("benchmarks");
        RAFT protocol = channel.getProtocolStack().findProtocol(RAFT.class);
        raft = protocol;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (channel.getView().size() < seat.members() || protocol.leader() == null) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the cluster does not become complete");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    @Override
    public Entries open(ValueType type) {
        return new Replicated(Objects.requireNonNull(map, "not started"), type == ValueType.STRING ? "" : type.name());
    }

    @Override
    public Role role() {
        return Objects.requireNonNull(raft, "not started").isLeader() ? Role.LEADER : Role.FOLLOWER;
    }

    /** There is one map only, so keys of other types are told apart by a prefix. */
    private record Replicated(ReplicatedStateMachine<String, Object> map, String prefix) implements Entries {
        @Override
        public @Nullable Object get(String key) throws Exception {
            return map.get(prefix + key);
        }

        @Override
        public void put(String key, Object value) throws Exception {
            map.put(prefix + key, value);
        }

        @Override
        public void putAll(Map<String, Object> entries) throws Exception {
            for (Map.Entry<String, Object> entry : entries.entrySet()) {
                put(entry.getKey(), entry.getValue());
            }
        }
    }
}
