package io.concordcache.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lets faults happen, and ends them. For one thread. */
final class Injector {
    private static final long LAG_MILLIS = 2_000;
    private static final int LAG_VALUES = 80;
    private static final int LAG_BYTES = 200_000; // together more than three files of the log
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final long SECOND_MILLIS = 1_000;
    private static final long DELAY_MILLIS = 1_500;
    private static final long IO_ERROR_MILLIS = 1_000;
    private static final long WRITE_SECONDS = 30;
    private static final String STARTS_AGAIN = "starting the member in";
    private static final long ADMIN_SECONDS = 90;
    private static final long LEADER_SECONDS = 60;

    /**
     * What happened.
     *
     * @param target whom it hit
     * @param healedNanos when the cause ended, or the process was started again
     * @param note what is worth knowing
     */
    record Injected(String target, long healedNanos, String note) {}

    /** What the product must not have done. */
    static final class WrongException extends RuntimeException {
        private static final long serialVersionUID = 1;

        WrongException(String what) {
            super(what);
        }
    }

    /** Told of the time in which the wall clock of a member was set. */
    interface Jumps {
        void jumped(long fromNanos, long untilNanos);
    }

    private final Nodes nodes;
    private final Jumps jumps;

    Injector(Nodes nodes, Jumps jumps) {
        this.nodes = nodes;
        this.jumps = jumps;
    }

    static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static <T> T await(String what, long seconds, Supplier<@Nullable T> asked) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        do {
            T answer = asked.get();
            if (answer != null) {
                return answer;
            }
            pause(100);
        } while (System.nanoTime() - deadline < 0);
        throw new WrongException("not within " + seconds + " s: " + what);
    }

    private String leader() {
        return await("a leader", LEADER_SECONDS, nodes::leader).id();
    }

    /** Who suffers. */
    private String target(Fault fault) {
        List<String> members = nodes.members();
        return switch (fault.kind().whom()) {
            case LEADER -> leader();
            case FOLLOWER -> {
                List<String> others = nodes.membersBut(leader());
                yield others.get(fault.at() % others.size());
            }
            case ANY -> members.get((members.indexOf(leader()) + fault.at()) % members.size());
            case SMALL_DISK -> nodes.smallDisk();
            case CLIENT -> nodes.clients().get(fault.at() % nodes.clients().size());
            case ALL -> "all";
        };
    }

    /** Who suffers, is told as soon as it is known. */
    interface Begins {
        void begins(String target);
    }

    Injected inject(Fault fault, Begins told) throws IOException {
        String target = target(fault);
        told.begins(target);
        return switch (fault.kind()) {
            case KILL_LEADER, KILL_FOLLOWER, KILL_CLIENT -> kill(List.of(target), fault);
            case KILL_ALL -> kill(nodes.members(), fault);
            case KILL_ROLLING -> rolling(fault);
            case STOP_LEADER, STOP_FOLLOWER -> stop(target, fault);
            case CUT_LEADER, CUT_FOLLOWER -> cut(target, links(List.of(target), others(target, fault)), fault);
            case CUT_ALL -> cut(target, all(), fault);
            case CUT_BRIDGE -> cut(target, bridge(target), fault);
            case CUT_OUT -> cut(target, oneWay(List.of(target), but(target)), fault);
            case CUT_IN -> cut(target, oneWay(but(target), List.of(target)), fault);
            case CUT_CLIENT -> cut(target, links(List.of(target), nodes.members()), fault);
            case LOSS -> loss(fault);
            case SLOW -> slow(target, fault);
            case DELAY -> delay(target, fault);
            case REORDER -> reorder(fault);
            case CLOCK_HOUR -> clock(target, (long) (HOUR_MILLIS * (0.5 + fault.strength() / 2)), fault);
            case CLOCK_SECOND -> clock(target, SECOND_MILLIS, fault);
            case TRANSFER -> transfer(target);
            case LAG -> lag(target, fault);
            case REPLACE -> replace(target, true);
            case DISK_FULL -> diskFull(target, fault);
            case IO_ERROR -> ioError(target, fault);
            case READ_ONLY -> readOnly(target, fault);
            case TORN_LOG -> damaged(target, Damage.tear(killed(target), fault.strength()));
            case FLIPPED_LOG -> damaged(target, Damage.flipLog(killed(target), fault.strength()));
            case FLIPPED_SNAPSHOT -> {
                nodes.ask(target, "snapshot " + nodes.member(target).id());
                pause(fault.lengthMillis()); // it is written by and by
                yield damaged(target, Damage.flipSnapshot(killed(target), fault.strength()));
            }
        };
    }

    // Processes

    /** Starts processes again, and waits until they are up. */
    private long restart(List<String> ids) {
        long began = System.nanoTime();
        List<CompletableFuture<String>> starts = ids.stream().map(nodes::start).toList();
        for (int i = 0; i < ids.size(); i++) {
            String said = said(starts.get(i));
            if (!said.equals("up")) {
                throw new WrongException(ids.get(i) + " did not start again: " + said);
            }
        }
        return began;
    }

    static String said(CompletableFuture<String> start) {
        return start.exceptionally(failure -> "nothing within " + Nodes.START_SECONDS + " s")
                .join();
    }

    private Injected kill(List<String> ids, Fault fault) {
        ids.forEach(nodes::kill);
        pause(fault.lengthMillis());
        return new Injected(String.join(" ", ids), restart(ids), "");
    }

    private Injected rolling(Fault fault) {
        long healed = 0;
        for (String id : nodes.members()) {
            nodes.kill(id);
            pause(fault.lengthMillis() / nodes.members().size());
            healed = restart(List.of(id));
        }
        return new Injected("all", healed, "");
    }

    private Injected stop(String id, Fault fault) {
        nodes.signal(id, "STOP");
        pause(fault.lengthMillis());
        nodes.signal(id, "CONT");
        return new Injected(id, System.nanoTime(), "");
    }

    private Path killed(String id) {
        nodes.kill(id);
        return nodes.data(id);
    }

    // Links

    /** What is sent one way. */
    private record Link(String from, String to) {}

    private List<String> but(String id) {
        return nodes.all().stream().filter(other -> !other.equals(id)).toList();
    }

    /** Now and then a client stays with the one that is cut off. */
    private List<String> others(String id, Fault fault) {
        List<String> others = new ArrayList<>(but(id));
        if (fault.strength() > 0.5) {
            others.remove(nodes.clients().get(nodes.clients().size() - 1));
        }
        return others;
    }

    private static List<Link> oneWay(List<String> from, List<String> to) {
        List<Link> links = new ArrayList<>();
        for (String one : from) {
            for (String other : to) {
                if (!one.equals(other)) {
                    links.add(new Link(one, other));
                }
            }
        }
        return links;
    }

    private static List<Link> links(List<String> some, List<String> others) {
        List<Link> links = oneWay(some, others);
        links.addAll(oneWay(others, some));
        return links;
    }

    private List<Link> all() {
        return oneWay(nodes.members(), nodes.members());
    }

    private List<Link> bridge(String between) {
        List<String> others = nodes.membersBut(between);
        int half = others.size() / 2;
        return links(others.subList(0, half), others.subList(half, others.size()));
    }

    private Injected cut(String target, List<Link> links, Fault fault) {
        for (Link link : links) {
            nodes.network().cut(nodes.host(link.from), nodes.host(link.to));
        }
        pause(fault.lengthMillis());
        for (Link link : links) {
            nodes.network().heal(nodes.host(link.from), nodes.host(link.to));
        }
        return new Injected(target, System.nanoTime(), "");
    }

    private void on(String id, String... command) {
        List<String> there = new ArrayList<>(nodes.network().in(nodes.host(id)));
        there.addAll(List.of(command));
        Commands.run(there);
    }

    private Injected loss(Fault fault) {
        String part = String.format(Locale.ROOT, "%.3f", 0.01 + 0.29 * fault.strength());
        for (String id : nodes.all()) {
            on(
                    id,
                    "iptables",
                    "-w",
                    "-A",
                    "INPUT",
                    "-m",
                    "statistic",
                    "--mode",
                    "random",
                    "--probability",
                    part,
                    "-j",
                    "DROP");
        }
        pause(fault.lengthMillis());
        for (String id : nodes.all()) {
            on(id, "iptables", "-w", "-F", "INPUT");
        }
        return new Injected("all", System.nanoTime(), part + " of all packets");
    }

    private Injected slow(String id, Fault fault) {
        String rate = 256 + (int) (fault.strength() * 1_792) + "kbit";
        on(id, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "16kb", "latency", "500ms");
        pause(fault.lengthMillis());
        on(id, "tc", "qdisc", "del", "dev", "eth0", "root");
        return new Injected(id, System.nanoTime(), rate);
    }

    /** On all links, or on those of the leader; each has a delay of its own. */
    private Injected delay(String leader, Fault fault) throws IOException {
        boolean isAll = fault.at() % 2 == 0;
        Random random = new Random(fault.at());
        List<SlowSwitch.Link> slow = new ArrayList<>();
        for (Link link : isAll ? oneWay(nodes.all(), nodes.all()) : links(List.of(leader), but(leader))) {
            int least = random.nextInt(20, 150);
            slow.add(new SlowSwitch.Link(
                    nodes.host(link.from), nodes.host(link.to), least, random.nextInt(least + 10, 201), 0, true));
        }
        return through(slow, isAll ? "all" : leader, fault);
    }

    private Injected reorder(Fault fault) throws IOException {
        int most = 5 + (int) (45 * fault.strength());
        double twice = 1 + 9 * fault.strength();
        List<SlowSwitch.Link> slow = oneWay(nodes.all(), nodes.all()).stream()
                .map(link -> new SlowSwitch.Link(nodes.host(link.from), nodes.host(link.to), 0, most, twice, false))
                .toList();
        return through(slow, "all", fault);
    }

    private Injected through(List<SlowSwitch.Link> links, String target, Fault fault) throws IOException {
        SlowSwitch slow = new SlowSwitch(nodes.network(), nodes.hosts(), links, fault.at(), nodes.directory());
        pause(Math.max(DELAY_MILLIS, fault.lengthMillis()));
        String did = slow.end();
        return new Injected(target, System.nanoTime(), did);
    }

    // Clocks

    /** In the end the clocks of all show what the one shows that is most ahead: entries expire on time again. */
    private Injected clock(String id, long millis, Fault fault) {
        long jump = fault.at() % 2 == 0 ? millis : -millis;
        long began = System.nanoTime();
        long all = nodes.aheadMillis();
        nodes.ask(id, "clock " + (all + jump));
        pause(fault.lengthMillis());
        nodes.aheadMillis(Math.max(all, all + jump));
        for (String member : nodes.members()) {
            nodes.ask(member, "clock " + nodes.aheadMillis());
        }
        long healed = System.nanoTime();
        jumps.jumped(began, healed + TimeUnit.SECONDS.toNanos(1));
        return new Injected(id, healed, (jump > 0 ? "+" : "") + jump + " ms");
    }

    // Members

    private Injected transfer(String to) {
        String said =
                nodes.ask(nodes.clients().get(0), "transfer " + nodes.member(to).id());
        return new Injected(to, System.nanoTime(), said.equals("ok") ? "" : said);
    }

    private Injected lag(String id, Fault fault) {
        nodes.kill(id);
        pause(Math.max(LAG_MILLIS, fault.lengthMillis()));
        String other = nodes.membersBut(id).get(0);
        String filled = nodes.ask(other, "fill " + LAG_VALUES + " " + LAG_BYTES);
        String taken = nodes.membersBut(id).stream()
                .map(member ->
                        nodes.ask(member, "snapshot " + nodes.member(member).id()))
                .filter(said -> !said.equals("ok"))
                .collect(Collectors.joining(", "));
        long healed = restart(List.of(id));
        return new Injected(id, healed, filled.equals("ok") ? taken : filled + ", " + taken);
    }

    /** Asks again and again until the members are as they should be, for the answer may be late, or not known. */
    private void admin(String by, String command, String id, boolean in) {
        await(command, ADMIN_SECONDS, () -> {
            String said = nodes.ask(by, command);
            if (said.equals("ok")) {
                return said;
            }
            String[] members = nodes.ask(by, "members").split("[ ,]");
            return members[0].equals("members") && List.of(members).contains(id) == in ? said : null;
        });
    }

    private Injected replace(String id, boolean runs) throws IOException {
        String other = nodes.membersBut(id).get(0);
        String old = nodes.member(id).id();
        admin(other, "remove " + old, old, false);
        if (runs) {
            nodes.kill(id);
        }
        Nodes.delete(nodes.data(id));
        nodes.renew(id);
        long began = System.nanoTime();
        String said = said(nodes.start(id, "join"));
        if (!said.equals("up")) {
            throw new WrongException(id + " cannot join: " + said);
        }
        String now = nodes.member(id).id();
        admin(other, "add " + nodes.member(id), now, true);
        return new Injected(id, began, "is " + now + " now");
    }

    // Disks

    private Injected diskFull(String id, Fault fault) throws IOException {
        Path ballast = nodes.disk(id).resolve("ballast");
        byte[] block = new byte[1 << 16];
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(fault.lengthMillis());
        boolean full = false;
        try (var out = Files.newOutputStream(ballast)) {
            while (System.nanoTime() - end < 0) {
                try {
                    out.write(block); // what is freed meanwhile is taken too
                } catch (IOException e) {
                    full = true;
                    pause(10);
                }
            }
        } finally {
            Files.delete(ballast);
        }
        return new Injected(id, System.nanoTime(), full ? "" : "it did not get full in the time");
    }

    /** The member may give up its log and start again by itself; in the end it must be able to lead, or follow, and write. */
    private Injected ioError(String id, Fault fault) throws IOException {
        FailingDisk disk = nodes.failingDisk(id);
        FailingDisk.Error error = fault.strength() < 0.5 ? FailingDisk.Error.EIO : FailingDisk.Error.ENOSPC;
        int ofThousand = 10 + (int) (490 * (2 * fault.strength() % 1));
        int starts = nodes.logged(STARTS_AGAIN);
        disk.fail(error, ofThousand);
        pause(Math.max(IO_ERROR_MILLIS, fault.lengthMillis()));
        int failed = disk.heal();
        long healed = System.nanoTime();
        writes(id, error + " with " + ofThousand / 10.0 + " %, " + failed + " failed");
        return new Injected(
                id,
                healed,
                error + " with " + ofThousand / 10.0 + " %: " + failed + " failed, started again "
                        + (nodes.logged(STARTS_AGAIN) - starts) + " times");
    }

    private void writes(String id, String how) {
        Deque<String> answers = new ArrayDeque<>();
        try {
            await(id + " writes when its disk is well again", WRITE_SECONDS, () -> {
                String said = nodes.isAlive(id) ? nodes.ask(id, "fill 1 1") : "ended";
                if (said.equals("ended")) {
                    throw new WrongException(id + " ended when its disk failed");
                }
                if (!said.equals(answers.peekLast())) {
                    answers.add(said);
                }
                return said.equals("ok") ? said : null;
            });
        } catch (WrongException e) {
            throw new WrongException(e.getMessage() + "; " + how + "; it said " + answers);
        }
    }

    private Injected readOnly(String id, Fault fault) {
        nodes.kill(id);
        Commands.run("mount", "-o", "remount,ro", nodes.disk(id).toString());
        String said = said(nodes.start(id));
        pause(fault.lengthMillis());
        if (nodes.isAlive(id)) {
            nodes.kill(id);
        }
        Commands.run("mount", "-o", "remount,rw", nodes.disk(id).toString());
        if (!said.startsWith("refused ")) {
            throw new WrongException(id + " did not refuse to start on a read-only disk; it said: " + said);
        }
        return new Injected(id, restart(List.of(id)), said);
    }

    /** It refuses to start, and is replaced; or it starts, and must have what the others have. */
    private Injected damaged(String id, String how) throws IOException {
        long began = System.nanoTime();
        String said = said(nodes.start(id));
        if (said.equals("up")) {
            return new Injected(id, began, how + ": started");
        }
        if (!said.startsWith("refused ")) {
            throw new WrongException(id + " neither started nor refused to: " + said + "; " + how);
        }
        return new Injected(id, replace(id, false).healedNanos(), how + ": " + said);
    }
}
