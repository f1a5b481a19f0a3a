package io.concordcache.raft.lease;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.history.Op;
import io.concordcache.raft.history.Recorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Members with {@link ReadLeases} over a small Raft, all driven by one seed: logs that diverge and are cut off, elections,
 * leaders that do not know that they are none any more, messages that are late or lost, pauses between any two steps of a
 * read, cuts, restarts from a snapshot, snapshots of another, and clocks whose rates differ by one percent either way.
 *
 * <p>The registers are written with their log index, and the order of the log is that of the writes. So a history is
 * linearizable if and only if no read returns an older index than any read or write of the register that had ended when it
 * began, and nothing that was never committed: both are checked at the end of each read.
 *
 * <p>The methods that can be overridden are what a member must do; each canary leaves one out.
 */
class LeaseSimulation {
    static final long LEASE_MILLIS = 100;

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long END = 2_500 * MILLI;
    private static final int KEYS = 2;
    private static final long CACHE = 1;
    private static final Bytes[] KEY = {Bytes.wrap(new byte[] {1}), Bytes.wrap(new byte[] {2})};
    private static final List<Command> NOTHING = List.of();

    /** What stands in a log. */
    private record Entry(int term, int key, List<Command> commands) {}

    /** A read: what had been shown when it began, and when that was. */
    private record Asked(int key, int expected, long began) {}

    private record Event(long time, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int order = Long.compare(time, other.time);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    /** What the callers saw, written down if somebody wants to judge it himself. */
    @Nullable
    Recorder recorder;

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Member> members = new ArrayList<>();
    /** For each register the newest index that a write or read which has ended showed. */
    private final int[] shown = new int[KEYS];
    /** Entries as they were first committed, for the check that nothing else is shown. */
    private final List<Entry> committed = new ArrayList<>();

    private long now;
    private long number;
    private int term;
    private String violation = "";
    int leaseReads;
    int barrierReads;
    int acknowledged;
    int elections;

    LeaseSimulation(long seed) {
        random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
        int count = random.nextInt(4) == 0 ? 5 : 3;
        for (int i = 0; i < count; i++) {
            members.add(new Member(i));
        }
    }

    // What members must do

    /** Where a leader knows the log of another to be equal to its own. */
    long matching(long known) {
        return known;
    }

    /** Whether a follower looks at entries before it says that it has them. */
    boolean looksAtEntries() {
        return true;
    }

    /** One that has a new leader says so. */
    void follows(ReadLeases leases, int of) {
        leases.follows(of);
    }

    /** How far a leader tells followers to commit. */
    int tells(int commit, long stable) {
        return (int) Math.min(commit, stable);
    }

    /** A member has just been elected. */
    void elected(Member member) {}

    /** A new leader has applied its first entry. */
    void ready(Member member) {}

    boolean mayRead(Member member, int key, long at) {
        return member.leases.mayRead(CACHE, KEY[key], at);
    }

    boolean isSettled(Member member, int key) {
        return member.leases.isSettled(CACHE, KEY[key], member.registers[key] == 0);
    }

    boolean asksAfterwards() {
        return false;
    }

    /** What a member knows of leases when it starts from a snapshot. */
    Map<String, Long> leasesOf(Map<String, Long> snapshot) {
        return snapshot;
    }

    final class Member {
        private final int id;
        private final double rate = 1 + (random.nextDouble() * 2 - 1) * ReadLeases.RATE_BOUND;
        private final long offset = random.nextLong() >> 2;
        final List<Entry> log = new ArrayList<>();
        ReadLeases leases;
        private int currentTerm;
        /** The term in which it believes to lead, 0 for none. */
        private int leads;

        private int[] match = new int[0];
        private int[] sentUpTo = new int[0];
        int commit;
        int applied;
        private int[] registers = new int[KEYS];
        private final Map<String, Long> holders = new TreeMap<>();
        private int incarnation;
        private long pausedUntil;
        private long cutUntil;
        private boolean applying;
        private final List<int[]> waiting = new ArrayList<>();

        private int snapshotIndex;
        private int[] snapshotRegisters = new int[KEYS];
        private Map<String, Long> snapshotHolders = Map.of();

        Member(int id) {
            this.id = id;
            leases = new ReadLeases(name());
        }

        String name() {
            return "m" + id;
        }

        long clock() {
            return offset + (long) (rate * now);
        }

        boolean isCut() {
            return cutUntil > now;
        }

        private boolean isPaused() {
            return pausedUntil > now;
        }

        /** Runs the action of this process then, later if it is paused, never if it has ended meanwhile. */
        void at(long time, Runnable action) {
            int of = incarnation;
            LeaseSimulation.this.at(time, () -> {
                if (incarnation != of) {
                    return;
                }
                if (isPaused()) {
                    at(pausedUntil, action);
                } else {
                    action.run();
                }
            });
        }

        // Raft

        void lead(int of) {
            leads = of;
            currentTerm = of;
            match = new int[members.size()];
            sentUpTo = new int[members.size()];
            Arrays.fill(sentUpTo, -1);
            log.add(new Entry(of, -1, NOTHING));
            elected(this);
            beat(of);
        }

        private void beat(int of) {
            if (leads == of) {
                stabilize();
                Arrays.fill(sentUpTo, -1);
                sendAll();
                at(now + 20 * MILLI, () -> beat(of));
            }
        }

        void propose(int key, List<Command> commands) {
            if (leads == 0) {
                return;
            }
            log.add(new Entry(leads, key, commands));
            if (key >= 0) {
                int number = recorder == null
                        ? 0
                        : recorder.begin(
                                Op.begun(name(), Op.Kind.PUT, "k" + key, now).with("value", log.size() + "." + leads));
                waiting.add(new int[] {log.size(), key, leads, number});
            }
            sendAll();
        }

        private void sendAll() {
            for (Member other : members) {
                if (other != this) {
                    send(other);
                }
            }
        }

        private void send(Member other) {
            int previous = Math.min(log.size(), Math.max(match[other.id], sentUpTo[other.id]));
            List<Entry> entries = List.copyOf(log.subList(previous, log.size()));
            int previousTerm = previous == 0 ? 0 : log.get(previous - 1).term;
            int told = tells(commit, leases.stable());
            int of = leads;
            sentUpTo[other.id] = log.size();
            message(this, other, () -> other.append(this, of, previous, previousTerm, entries, told));
        }

        private void append(
                Member from, int of, int previous, int previousTerm, List<Entry> entries, int leaderCommit) {
            if (of < currentTerm) {
                message(this, from, () -> from.deposed(currentTerm));
                return;
            }
            currentTerm = of;
            leads = 0;
            follows(leases, of);
            if (previous > log.size() || (previous > 0 && log.get(previous - 1).term != previousTerm)) {
                message(this, from, () -> from.mismatch(this, of));
                return;
            }
            for (int i = 0; i < entries.size(); i++) {
                int index = previous + i + 1;
                if (index <= log.size() && log.get(index - 1).term == entries.get(i).term) {
                    continue;
                }
                while (log.size() >= index) {
                    log.remove(log.size() - 1);
                }
                if (looksAtEntries()) {
                    leases.appending(index, entries.get(i).commands);
                }
                log.add(entries.get(i));
            }
            int matched = previous + entries.size();
            int told = Math.min(leaderCommit, matched);
            leases.told(told);
            acknowledge();
            commit = Math.max(commit, told);
            apply();
            message(this, from, () -> from.matched(this, of, matched));
        }

        private void deposed(int by) {
            if (by > currentTerm) {
                currentTerm = by;
                leads = 0;
            }
        }

        private void mismatch(Member other, int of) {
            if (leads == of) {
                // All of the log, in place of going back step by step.
                match[other.id] = 0;
                sentUpTo[other.id] = -1;
            }
        }

        private void matched(Member other, int of, int upTo) {
            if (leads != of) {
                return;
            }
            match[other.id] = Math.max(match[other.id], upTo);
            int[] sorted = match.clone();
            sorted[id] = log.size();
            Arrays.sort(sorted);
            int majority = sorted[(members.size() - 1) / 2];
            if (majority > commit && log.get(majority - 1).term == of) {
                commit = majority;
                for (int i = committed.size(); i < commit; i++) {
                    committed.add(log.get(i));
                }
                apply();
            }
            stabilize();
        }

        private void stabilize() {
            if (leads > 0) {
                long before = leases.stable();
                long after = leases.stabilize(
                        applied, clock(), name -> matching(match[Integer.parseInt(name.substring(1))]));
                if (after > before) {
                    acknowledge();
                    if (random.nextInt(3) > 0) {
                        Arrays.fill(sentUpTo, -1);
                        sendAll();
                    }
                }
            }
        }

        /** Answers the writes that are stable. */
        private void acknowledge() {
            waiting.removeIf(write -> {
                if (write[0] > leases.stable()) {
                    return false;
                }
                if (write[0] <= log.size() && log.get(write[0] - 1).term == write[2]) {
                    acknowledged++;
                    if (recorder != null) {
                        recorder.set(write[3], recorder.get(write[3]).ended(now, Op.Outcome.OK));
                    }
                    shown[write[1]] = Math.max(shown[write[1]], write[0]);
                }
                return true;
            });
        }

        private void apply() {
            if (!applying && applied < commit) {
                applying = true;
                at(now + random.nextInt(1 + (int) (300 * MICRO)), () -> {
                    applying = false;
                    for (int i = random.nextInt(4); i >= 0 && applied < commit; i--) {
                        applyNext();
                    }
                    stabilize();
                    apply();
                });
            }
        }

        private void applyNext() {
            int index = applied + 1;
            Entry entry = log.get(applied);
            leases.applying(index, entry.commands, false);
            if (entry.key >= 0) {
                registers[entry.key] = index;
            }
            for (Command command : entry.commands) {
                if (command instanceof Command.RenewLease lease) {
                    holders.put(lease.holder(), lease.millis());
                }
            }
            leases.applied(index, entry.commands, clock());
            applied = index;
            if (leads == entry.term && entry.commands.isEmpty()) {
                ready(this);
            }
        }

        void snapshot() {
            snapshotIndex = applied;
            snapshotRegisters = registers.clone();
            snapshotHolders = new TreeMap<>(holders);
        }

        private void load() {
            leases.restored(snapshotIndex, leasesOf(snapshotHolders), clock());
            registers = snapshotRegisters.clone();
            holders.clear();
            holders.putAll(snapshotHolders);
            applied = snapshotIndex;
            commit = Math.max(commit, snapshotIndex);
        }

        void restart() {
            incarnation++;
            leads = 0;
            applying = false;
            commit = 0;
            waiting.clear();
            leases = new ReadLeases(name());
            load();
            renew();
        }

        void install(Member leader) {
            if (leader.leads == 0 || leader.leads < currentTerm || leader.applied <= commit) {
                return;
            }
            currentTerm = leader.leads;
            leads = 0;
            int last = leader.applied;
            boolean same = log.size() >= last && log.get(last - 1).term == leader.log.get(last - 1).term;
            List<Entry> rest = same ? List.copyOf(log.subList(last, log.size())) : List.of();
            log.clear();
            log.addAll(leader.log.subList(0, last));
            log.addAll(rest);
            snapshotIndex = leader.applied;
            snapshotRegisters = leader.registers.clone();
            snapshotHolders = new TreeMap<>(leader.holders);
            load();
        }

        // Leases

        void forgetHolders() {
            List<Command> ends = new ArrayList<>();
            for (Member member : members) {
                ends.add(new Command.RenewLease(member.name(), 0, 0));
            }
            leases.applied(applied, ends, clock());
        }

        void renew() {
            long nonce = random.nextLong();
            leases.asked(nonce, clock());
            List<Command> command = List.of(new Command.RenewLease(name(), nonce, LEASE_MILLIS));
            for (Member other : members) {
                if (other == this) {
                    propose(-1, command);
                } else if (other.leads > 0) {
                    message(this, other, () -> other.propose(-1, command));
                }
            }
            at(now + LEASE_MILLIS * MILLI / 3, this::renew);
        }

        // Reads

        void read(int key) {
            Asked asked = new Asked(key, shown[key], now);
            if (random.nextInt(10) == 0) {
                readByQuorum(asked);
                return;
            }
            if (asksAfterwards()) {
                at(now + pause(), () -> {
                    int found = registers[key];
                    at(now + pause(), () -> {
                        if (mayRead(this, key, clock()) && isSettled(this, key)) {
                            leaseReads++;
                            returned(asked, found);
                        }
                    });
                });
            } else if (mayRead(this, key, clock())) {
                at(now + pause(), () -> finish(asked, true));
            }
        }

        /** All other members but a minority answer at once; then it waits until it has applied what they have. */
        private void readByQuorum(Asked asked) {
            if (isCut()) {
                return;
            }
            int answers = 0;
            int highest = 0;
            for (Member other : members) {
                if (!other.isCut() && !other.isPaused() && (other == this || random.nextInt(4) > 0)) {
                    answers++;
                    highest = Math.max(highest, other.log.size());
                }
            }
            if (answers > members.size() / 2) {
                awaitApplied(highest, 20, () -> finish(asked, false));
            }
        }

        private void awaitApplied(int index, int tries, Runnable then) {
            if (applied >= index) {
                then.run();
            } else if (tries > 0) {
                at(now + 2 * MILLI, () -> awaitApplied(index, tries - 1, then));
            }
        }

        private void finish(Asked asked, boolean byLease) {
            int key = asked.key;
            int found = registers[key];
            boolean absent = found == 0;
            at(now + pause(), () -> {
                if (isSettled(this, key)) {
                    if (byLease) {
                        leaseReads++;
                    } else {
                        barrierReads++;
                    }
                    returned(asked, absent ? 0 : found);
                }
            });
        }

        private void returned(Asked asked, int found) {
            int key = asked.key;
            int expected = asked.expected;
            if (recorder != null) {
                recorder.add(Op.begun(name(), Op.Kind.GET, "k" + key, asked.began)
                        .ended(now, Op.Outcome.OK)
                        .with("found", found == 0 ? "" : found + "." + log.get(found - 1).term));
            }
            if (found < expected) {
                violation = name() + " returned " + found + " though " + expected + " had been shown, at " + now;
            }
            if (found > 0 && (found > committed.size() || committed.get(found - 1).key != key)) {
                violation = name() + " returned " + found + ", which is not committed, at " + now;
            }
            shown[key] = Math.max(shown[key], found);
        }
    }

    private void at(long time, Runnable action) {
        events.add(new Event(time, number++, action));
    }

    /** A message between processes that are not cut off; late at times, lost when the receiver has ended. */
    private void message(Member from, Member to, Runnable action) {
        if (from.isCut() || to.isCut() || random.nextInt(50) == 0) {
            return;
        }
        long delay = random.nextInt(20) == 0 ? random.nextInt((int) (40 * MILLI)) : random.nextInt((int) MILLI);
        int of = to.incarnation;
        to.at(now + delay, () -> {
            if (!to.isCut() && to.incarnation == of) {
                action.run();
            }
        });
    }

    private long pause() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt((int) (60 * MILLI));
            case 1, 2 -> random.nextInt((int) (2 * MILLI));
            default -> 0;
        };
    }

    private Member any() {
        return members.get(random.nextInt(members.size()));
    }

    private Member leader() {
        Member newest = members.get(0);
        for (Member member : members) {
            if (member.leads > newest.leads) {
                newest = member;
            }
        }
        return newest;
    }

    /** One whose log is as new as those of a majority wins, if they hear it. */
    private void elect() {
        Member candidate = any();
        if (candidate.isCut() || candidate.isPaused()) {
            return;
        }
        List<Member> voters = new ArrayList<>();
        for (Member member : members) {
            if (!member.isCut() && !member.isPaused() && isUpToDate(candidate, member)) {
                voters.add(member);
            }
        }
        if (voters.size() <= members.size() / 2 || !voters.contains(candidate)) {
            return;
        }
        term++;
        elections++;
        for (Member voter : voters) {
            voter.currentTerm = term;
            voter.leads = 0;
        }
        candidate.lead(term);
    }

    private static boolean isUpToDate(Member candidate, Member voter) {
        int mine = candidate.log.isEmpty() ? 0 : candidate.log.get(candidate.log.size() - 1).term;
        int its = voter.log.isEmpty() ? 0 : voter.log.get(voter.log.size() - 1).term;
        return mine > its || (mine == its && candidate.log.size() >= voter.log.size());
    }

    private void write() {
        for (Member member : members) {
            if (member.leads > 0) {
                int key = random.nextInt(KEYS);
                List<Command> commands = List.of(new Command.Write(CACHE, KEY[key], Condition.ANY, Mutation.REMOVE));
                member.at(now, () -> member.propose(key, commands));
            }
        }
        at(now + random.nextInt((int) (12 * MILLI)), this::write);
    }

    private void read() {
        Member member = any();
        int key = random.nextInt(KEYS);
        if (!member.isPaused()) {
            member.read(key);
        }
        at(now + random.nextInt((int) (2 * MILLI)), this::read);
    }

    private void fault() {
        Member member = random.nextBoolean() ? any() : leader();
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> member.pausedUntil = now + random.nextInt((int) (250 * MILLI));
            case 3, 4, 5 -> member.cutUntil = now + random.nextInt((int) (300 * MILLI));
            case 6 -> member.restart();
            case 7 -> any().snapshot();
            case 8 -> member.install(leader());
            default -> {}
        }
        if (random.nextInt(10) < 7) {
            at(now + random.nextInt((int) (60 * MILLI)), this::elect);
        }
        at(now + random.nextInt((int) (160 * MILLI)), this::fault);
    }

    /** Runs to the end, or the first violation; returns what was violated, empty if nothing. */
    String run() {
        term = 1;
        members.get(0).lead(1);
        members.forEach(Member::renew);
        at(5 * MILLI, this::write);
        at(5 * MILLI, this::read);
        at(100 * MILLI, this::fault);
        while (now < END && violation.isEmpty()) {
            Event event = events.poll();
            if (event == null) {
                break;
            }
            now = event.time;
            event.action.run();
        }
        return violation;
    }
}
