package io.concordcache.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.wire.CommandCodec;
import io.concordcache.raft.wire.SnapshotCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What holds for every log. */
class MachineLawsTest {
    @Provide
    Arbitrary<List<LogEntry>> logs() {
        return Steps.logs(false);
    }

    @Provide
    Arbitrary<List<LogEntry>> logsWithRepeats() {
        return Steps.logs(true);
    }

    @Property(tries = 5_000)
    void theMachineAgreesWithThePlainModel(@ForAll("logs") List<LogEntry> log) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        Model model = new Model();
        for (LogEntry entry : log) {
            assertThat(machine.apply(entry)).isEqualTo(model.apply(entry));
            CacheState state = machine.state();
            assertThat(state.lastStamp()).isEqualTo(model.last);
            assertThat(state.caches())
                    .isEqualTo(model.caches.entrySet().stream()
                            .map(of -> new CacheInfo(of.getKey(), of.getValue().definition))
                            .toList());
            long next = Expiry.NEVER;
            for (Map.Entry<Long, Model.Cache> of : model.caches.entrySet()) {
                Map<Bytes, Entry> expected = of.getValue().entries;
                assertThat(state.data(of.getKey()).entries()).isEqualTo(expected);
                assertThat(state.size(of.getKey())).isEqualTo(expected.size());
                assertThat(state.cache(of.getValue().definition.name()).id()).isEqualTo(of.getKey());
                long bytes = 0;
                for (Map.Entry<Bytes, Entry> one : expected.entrySet()) {
                    bytes += one.getKey().length() + one.getValue().value().length();
                    next = Math.min(next, one.getValue().expiresAtMillis());
                    assertThat(state.get(of.getKey(), one.getKey())).isEqualTo(one.getValue());
                }
                assertThat(state.data(of.getKey()).bytes()).isEqualTo(bytes);
            }
            assertThat(state.nextDeadline()).isLessThanOrEqualTo(next);
        }
    }

    private record Remembered(
            CacheReader reader,
            Bytes key,
            long revision,
            @Nullable Entry entry) {
        static Remembered now(CacheReader reader, Bytes key) {
            return new Remembered(reader, key, reader.revision(key), reader.get(key));
        }

        boolean isStill() {
            return reader.isAt(key, revision, entry == null ? Expiry.NEVER : entry.expiresAtMillis());
        }
    }

    @Property(tries = 1_000)
    void whatWasReadIsTheSameWhileItsRevisionIs(@ForAll("logs") List<LogEntry> log) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        Set<Bytes> keys = new HashSet<>();
        Map<List<?>, Remembered> all = new HashMap<>();
        for (LogEntry entry : log) {
            all.values().removeIf(one -> !one.isStill());
            boolean quiet = machine.apply(entry).changes().isEmpty();
            for (Remembered one : all.values()) {
                boolean same = Objects.equals(one.reader.get(one.key), one.entry);
                assertThat(one.isStill()).isIn(false, same).isIn(true, same && quiet);
            }
            for (CacheInfo info : machine.state().caches()) {
                keys.addAll(machine.state().keys(info.id()));
                for (Bytes key : keys) {
                    CacheReader reader = machine.state().reader(info.id());
                    all.merge(
                            List.of(info.id(), key),
                            Remembered.now(reader, key),
                            (before, now) -> before.isStill() ? before : now);
                }
            }
        }
    }

    @Property(tries = 200)
    void twoReplaysAgree(@ForAll("logsWithRepeats") List<LogEntry> log) {
        CacheMachine one = new CacheMachine(CommandCodec::decodeCommand);
        CacheMachine two = new CacheMachine(CommandCodec::decodeCommand);
        for (LogEntry entry : log) {
            assertThat(one.apply(entry)).isEqualTo(two.apply(entry));
        }
        assertThat(snapshot(one)).isEqualTo(snapshot(two));
    }

    @Property(tries = 40)
    void aSnapshotAtAnyCutMakesNoDifference(@ForAll("logsWithRepeats") List<LogEntry> log) throws IOException {
        CacheMachine whole = new CacheMachine(CommandCodec::decodeCommand);
        List<Applied> applied = log.stream().map(whole::apply).toList();
        byte[] expected = snapshot(whole);
        CacheMachine first = new CacheMachine(CommandCodec::decodeCommand);
        for (int cut = 0; cut < log.size(); cut++) {
            first.apply(log.get(cut));
            CacheMachine resumed = restore(snapshot(first));
            for (int i = cut + 1; i < log.size(); i++) {
                assertThat(resumed.apply(log.get(i))).isEqualTo(applied.get(i));
            }
            assertThat(snapshot(resumed)).isEqualTo(expected);
            for (CacheInfo info : whole.state().caches()) {
                assertThat(resumed.state().data(info.id()).bytes())
                        .isEqualTo(whole.state().data(info.id()).bytes());
            }
        }
    }

    @Property(tries = 300)
    void anEntryThatComesTwiceCountsOnce(@ForAll("logs") List<LogEntry> log) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        for (LogEntry entry : log) {
            Applied first = machine.apply(entry);
            Map<Long, Map<Bytes, Entry>> before = content(machine);
            Applied again = machine.apply(entry);
            if (!entry.client().equals(ClientId.NONE)) {
                assertThat(again.result())
                        .isEqualTo(
                                first.result() == Applied.Result.APPLIED
                                        ? Applied.Result.REPEATED
                                        : Applied.Result.CLIENT_UNKNOWN);
                assertThat(again.outcomes()).isEqualTo(first.outcomes());
            }
            assertThat(again.changes()).isEmpty();
            assertThat(content(machine)).isEqualTo(before);
        }
    }

    /** However late an entry comes again, and however far the clock went meanwhile. */
    @Property(tries = 500)
    void noEntryIsAppliedTwiceNorAnyOfAForgottenClient(@ForAll("logsWithRepeats") List<LogEntry> log) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        Set<LogEntry> applied = new HashSet<>();
        Set<ClientId> forgotten = new HashSet<>();
        for (LogEntry entry : log) {
            Applied.Result result = machine.apply(entry).result();
            if (result == Applied.Result.CLIENT_UNKNOWN) {
                forgotten.add(entry.client());
            } else if (!entry.client().equals(ClientId.NONE)) {
                assertThat(forgotten).doesNotContain(entry.client());
                assertThat(applied.add(entry.at(0))).isEqualTo(result == Applied.Result.APPLIED);
            }
        }
    }

    @Property(tries = 500)
    void theStampIncreasesAndWhatExpiredStaysAway(@ForAll("logsWithRepeats") List<LogEntry> log) {
        CacheMachine machine = new CacheMachine(CommandCodec::decodeCommand);
        Set<String> gone = new HashSet<>();
        Map<String, Bytes> values = new HashMap<>();
        for (LogEntry entry : log) {
            long before = machine.state().lastStamp();
            Applied applied = machine.apply(entry);
            assertThat(machine.state().lastStamp()).isGreaterThan(before);
            long last = before;
            for (Change change : applied.changes()) {
                assertThat(change.stamp()).isGreaterThanOrEqualTo(last);
                last = change.stamp();
                if (change.after() != null) {
                    String name = change.cacheId() + "/" + change.key() + "@"
                            + change.after().version();
                    assertThat(gone).doesNotContain(name);
                    Bytes value = values.putIfAbsent(name, change.after().value());
                    assertThat(value == null || value.equals(change.after().value()))
                            .as("one value for one version")
                            .isTrue();
                } else if (change.before() != null) {
                    gone.add(change.cacheId() + "/" + change.key() + "@"
                            + change.before().version());
                }
            }
            content(machine)
                    .forEach((id, entries) -> entries.forEach((key, of) -> {
                        assertThat(gone).doesNotContain(id + "/" + key + "@" + of.version());
                        assertThat(of.expiresAtMillis())
                                .isGreaterThan(Stamp.millis(machine.state().lastStamp()));
                    }));
        }
    }

    private static Map<Long, Map<Bytes, Entry>> content(CacheMachine machine) {
        Map<Long, Map<Bytes, Entry>> all = new HashMap<>();
        machine.state()
                .caches()
                .forEach(info -> all.put(
                        info.id(), Map.copyOf(machine.state().data(info.id()).entries())));
        return all;
    }

    static byte[] snapshot(CacheMachine machine) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StateView view = machine.view()) {
            SnapshotCodec.write(view, "test", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static CacheMachine restore(byte[] snapshot) throws IOException {
        Path file = Files.createTempFile("snapshot", ".bin");
        try {
            Files.write(file, snapshot);
            return SnapshotCodec.read(file, "test");
        } finally {
            Files.delete(file);
        }
    }
}
