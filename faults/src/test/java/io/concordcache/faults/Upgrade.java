package io.concordcache.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of the previous release under load that becomes one of this release, member by member, with ways back, changes
 * of the lead between the releases and snapshots taken over from one to the other; a client of each release all the while.
 * All that members and clients answer is judged. The class paths of the releases come as properties {@code upgrade.*}.
 */
final class Upgrade {
    private static final String USAGE = "Usage: upgrade/run [--members 3|5] [--seconds N] [--rate N] [--seed N]";
    private static final int WORKERS = 3;
    private static final int LAG_VALUES = 80;
    private static final int LAG_BYTES = 200_000; // together more than three files of the log
    private static final long RECOVERY_SECONDS = 60;
    private static final long TRANSFER_SECONDS = 60;
    private static final long COMMAND_SECONDS = 60;
    private static final long LEAST_OPERATIONS_PER_SECOND = 20;
    private static final String OLD_CLIENT = "c1";
    private static final String SNAPSHOT_TAKEN = "snapshot of the leader";

    private final String previous = System.getProperty("upgrade.previous");
    private final Map<String, String> commands = new TreeMap<>(Map.of(
            "previous", System.getProperty("upgrade.previous.command"),
            "current", System.getProperty("upgrade.current.command")));
    private final Path output = Path.of(System.getProperty("upgrade.output"));
    private final int count;
    private final long millis;
    private final int rate;
    private final long base = System.nanoTime();
    private final Counts counts = new Counts(base);
    private final Set<String> old = new HashSet<>();
    private final Nodes nodes;
    private final Judge judge;
    private final List<String> wrong = new ArrayList<>();
    private String step = "start";

    private Upgrade(int members, long seconds, int rate, long seed) throws IOException {
        this.count = members;
        this.millis = TimeUnit.SECONDS.toMillis(seconds);
        this.rate = rate;
        Nodes.delete(output);
        Path work = Files.createDirectories(output.resolve("work"));
        nodes = new Nodes(work, output.resolve("logs"), members, 2, 0, seed, Canary.NONE, base);
        judge = new Judge(nodes.journals(), output.resolve("evidence"), base, counts);
    }

    public static void main(String[] args) throws IOException {
        Map<String, Long> options = new TreeMap<>(
                Map.of("--members", 3L, "--seconds", 8L, "--rate", 600L, "--seed", System.nanoTime() & 0xffffff));
        for (int i = 0; i < args.length; i += 2) {
            if (!options.containsKey(args[i]) || i + 1 == args.length || !args[i + 1].matches("[1-9]\\d{0,8}")) {
                System.out.println(USAGE);
                System.exit(args[i].equals("--help") ? 0 : 2);
            }
            options.put(args[i], Long.parseLong(args[i + 1]));
        }
        int code;
        try {
            Commands.check();
            code = new Upgrade(
                            options.get("--members").intValue(),
                            options.get("--seconds"),
                            options.get("--rate").intValue(),
                            options.get("--seed"))
                    .run();
        } catch (Commands.MissingException e) {
            System.err.println("upgrade/run: " + e.getMessage());
            code = 2;
        }
        System.exit(code);
    }

    private int run() throws IOException {
        Thread end = new Thread(nodes::close, "end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            steps();
        } catch (Injector.WrongException | IllegalStateException e) {
            wrong(e.getMessage());
        } finally {
            nodes.killAll();
            judge.judge(System.nanoTime() + 10 * Keys.GENERATION_NANOS);
            findings().forEach(each -> wrong(each.kind() + " " + each.group() + ": " + each.what()));
            nodes.close();
            Runtime.getRuntime().removeShutdownHook(end);
        }
        Report.Operations total = counts.total();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - base);
        if (total.answered() < seconds * LEAST_OPERATIONS_PER_SECOND) {
            wrong("too little happened");
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %,d operations, %,d of them unknown, in %d s; %d groups of keys judged%n",
                wrong.isEmpty() ? "all is well" : "NOT WELL",
                total.all(),
                total.unknown(),
                seconds,
                judge.judgedGroups());
        return wrong.isEmpty() ? 0 : 1;
    }

    private void wrong(String what) {
        wrong.add(what);
        System.out.println("  WRONG in '" + step + "': " + what);
    }

    private void steps() throws IOException {
        List<String> members = nodes.members();
        for (String id : members) {
            use(id, true);
        }
        use(OLD_CLIENT, true);
        start(members);
        start(nodes.clients());
        nodes.all().forEach(this::load);
        step("all members of the previous release; a client of each release");
        commandLines();

        String first = members.get(0);
        String last = members.get(count - 1);
        lead(last);
        lag(first, false);
        step(first + " is of this release, and took a snapshot of " + last + ", which is not");
        lead(first);
        step(first + " leads members of the previous release");
        commandLines();
        lag(last, true);
        step(last + " is of the previous release, and took a snapshot of " + first + ", which is not");
        restart(first, true, false);
        step(first + " is of the previous release again, with what it wrote as one of this");
        restart(first, false, true);
        step(first + " is of this release again, killed and not ended before");
        for (String id : members.subList(1, count)) {
            restart(id, false, false);
            step(id + " is of this release");
        }
        commandLines();
        lead(last);
        restart(first, true, false);
        step(first + " is of the previous release again, alone");
        lead(first);
        step("and leads members of this release");
        restart(first, false, false);
        step("all members of this release; a client of each release");

        for (String id : nodes.all()) {
            String said = nodes.ask(id, "stop");
            if (!said.equals("ok")) {
                wrong("the callers of " + id + " do not end: " + said);
            }
        }
        awaitEqual();
        nodes.all()
                .forEach(id ->
                        await("listeners of " + id, () -> said(id, "heard").startsWith("ok ") ? "" : null));
    }

    private void use(String id, boolean ofPrevious) {
        nodes.runs(id, ofPrevious ? previous : null);
        if (ofPrevious) {
            old.add(id);
        } else {
            old.remove(id);
        }
    }

    private String said(String id, String command) {
        return nodes.isAlive(id) ? nodes.ask(id, command) : "ended";
    }

    private void start(List<String> ids) {
        List<CompletableFuture<String>> ups = ids.stream().map(nodes::start).toList();
        for (int i = 0; i < ids.size(); i++) {
            String said = Injector.said(ups.get(i));
            if (!said.equals("up")) {
                throw new Injector.WrongException(ids.get(i) + " did not start: " + said);
            }
        }
    }

    private void load(String id) {
        long pause = TimeUnit.SECONDS.toNanos(1) * WORKERS * nodes.all().size() / rate;
        nodes.ask(id, "load " + WORKERS + " " + pause);
    }

    /** Lets the load go on for a while; all processes must answer. */
    private void step(String name) {
        for (String id : nodes.all()) {
            await(id + " answers", () -> said(id, "probe").equals("ok") ? "" : null);
        }
        long before = counts.total().answered();
        Injector.pause(millis);
        judge.judge(System.nanoTime() - TimeUnit.SECONDS.toNanos(10));
        step = name;
        System.out.printf(
                Locale.ROOT,
                "%4d s  %,7d operations  %s%n",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - base),
                counts.total().answered() - before,
                name);
        if (!findings().isEmpty()) {
            throw new Injector.WrongException("what was read is wrong");
        }
    }

    /** A client of 0.1.0 takes what a member says that is being closed for its own store; this one does not. */
    private List<Judge.Finding> findings() {
        return judge.findings().stream()
                .filter(each -> !(each.kind().equals("told")
                        && each.what().startsWith(OLD_CLIENT + "_")
                        && each.what().contains("the store is closed")))
                .toList();
    }

    private <T> T await(String what, Supplier<@Nullable T> asked) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
        do {
            T answer = asked.get();
            if (answer != null) {
                return answer;
            }
            Injector.pause(100);
        } while (System.nanoTime() - deadline < 0);
        throw new Injector.WrongException("not within " + RECOVERY_SECONDS + " s: " + what);
    }

    private void lead(String id) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TRANSFER_SECONDS);
        do {
            nodes.ask(OLD_CLIENT, "transfer " + nodes.member(id).id());
            Nodes.Leader leader = nodes.leader();
            if (leader != null && leader.id().equals(id)) {
                return;
            }
        } while (System.nanoTime() - deadline < 0);
        throw new Injector.WrongException(id + " does not take the lead");
    }

    private void restart(String id, boolean toPrevious, boolean kill) {
        if (kill) {
            nodes.kill(id);
        } else {
            String unused = nodes.ask(id, "stop");
            nodes.end(id);
        }
        use(id, toPrevious);
        start(List.of(id));
        load(id);
    }

    /** Away for so long that it needs a snapshot of the leader, and back as one of this release, or of the previous one. */
    private void lag(String id, boolean toPrevious) throws IOException {
        int before = nodes.logged(SNAPSHOT_TAKEN);
        String unused = nodes.ask(id, "stop");
        nodes.end(id);
        String other = nodes.membersBut(id).get(0);
        await(
                "a longer log",
                () -> said(other, "fill " + LAG_VALUES + " " + LAG_BYTES).equals("ok") ? "" : null);
        for (String member : nodes.membersBut(id)) {
            nodes.ask(member, "snapshot " + nodes.member(member).id());
        }
        use(id, toPrevious);
        start(List.of(id));
        load(id);
        await(id + " answers", () -> said(id, "probe").equals("ok") ? "" : null);
        if (nodes.logged(SNAPSHOT_TAKEN) == before) {
            wrong(id + " took no snapshot of the leader");
        }
    }

    private void awaitEqual() {
        String state = await("all members hold the same", () -> {
            List<String> states = nodes.members().stream()
                    .map(id -> said(id, "hash"))
                    .distinct()
                    .toList();
            return states.size() == 1 && states.get(0).matches("[0-9a-f]+ \\d+") ? states.get(0) : null;
        });
        System.out.println("all members hold the same: " + state + " entries");
    }

    /** The command line of each release does its work with the cluster as it is. */
    private void commandLines() {
        String cache = "commands-" + System.nanoTime();
        Map<String, String> backups = new TreeMap<>();
        commands.keySet().forEach(release -> {
            String backup = output.resolve(cache + release + ".backup").toString();
            backups.put(release, backup);
            concord(release, "status");
            concord(release, "cache", "create", cache + release);
            concord(release, "put", cache + release, "key", release);
            String found = concord(release, "get", cache + release, "key");
            if (!found.contains(release)) {
                wrong("concord of the " + release + " release gets " + found);
            }
            concord(release, "cache", "list");
            concord(release, "snapshot");
            concord(release, "backup", backup);
            concord(release, "cache", "destroy", cache + release, "--yes");
        });
        backups.values()
                .forEach(backup -> commands.keySet().forEach(release -> {
                    if (!concord(release, "restore", backup, "--check").contains(cache)) {
                        wrong("concord of the " + release + " release does not find the caches in " + backup);
                    }
                }));
    }

    private String concord(String release, String... words) {
        List<String> line = new ArrayList<>(nodes.network().in(nodes.host(OLD_CLIENT)));
        line.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                commands.get(release),
                "io.concordcache.server.Main"));
        line.addAll(List.of(words));
        line.addAll(List.of("--servers", servers(), "--timeout", COMMAND_SECONDS + "s"));
        try {
            return Commands.run(line);
        } catch (IllegalStateException e) {
            wrong("concord of the " + release + " release: " + e.getMessage());
            return "";
        }
    }

    private String servers() {
        return String.join(
                ",",
                nodes.members().stream().map(id -> nodes.member(id).address()).toList());
    }
}
