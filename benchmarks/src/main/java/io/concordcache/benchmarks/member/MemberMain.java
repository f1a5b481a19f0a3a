package io.concordcache.benchmarks.member;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;

/** The process of a member: does what it reads, a line for each command, until there is no more. */
public final class MemberMain {
    private final Subject subject;
    private final Map<ValueType, Entries> caches = new EnumMap<>(ValueType.class);
    private GcLog gcLog;

    private MemberMain(Subject subject, GcLog gcLog) {
        this.subject = subject;
        this.gcLog = gcLog;
    }

    /** Takes the class of the {@link Subject} and the {@link Seat}. */
    @SuppressWarnings("CatchAndPrintStackTrace") // it goes to the log of this process, the driver gets the message
    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // systems greet
        Seat seat = Seat.of(Arrays.asList(args).subList(1, args.length));
        MemberMain member = new MemberMain(
                Class.forName(args[0])
                        .asSubclass(Subject.class)
                        .getConstructor()
                        .newInstance(),
                new GcLog(seat.directory().resolve(GcLog.FILE), 0));
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            member.subject.start(seat);
            out.println("ok up");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String answer;
                try {
                    answer = "ok " + member.answer(line);
                } catch (Exception e) {
                    e.printStackTrace();
                    answer = failure(e);
                }
                out.println(answer);
            }
        } catch (Exception e) {
            e.printStackTrace();
            out.println(failure(e));
        }
        member.subject.end();
        Runtime.getRuntime().halt(0); // systems have threads that stay, and there is nothing to be kept
    }

    private static String failure(Exception e) {
        return "failed " + e.toString().replaceAll("\\s+", " ");
    }

    private String answer(String line) throws Exception {
        List<String> words = List.of(line.split(" ", -1));
        return switch (words.get(0)) {
            case "open" -> {
                ValueType type = ValueType.valueOf(words.get(1));
                caches.put(type, subject.open(type));
                yield "";
            }
            case "fill" -> {
                ValueType type = ValueType.valueOf(words.get(1));
                Load.fill(cache(type), type, Integer.parseInt(words.get(2)), Long.parseLong(words.get(3)));
                yield "";
            }
            case "run" -> {
                Task task = Task.of(line.substring("run ".length()));
                yield new Load(cache(task.type()), task).run().toLine();
            }
            case "role" -> subject.role().name();
            case "heap" -> String.valueOf(usedHeap());
            case "pauses" -> {
                GcLog.Pauses pauses = gcLog.read();
                gcLog = gcLog.from(pauses.end());
                yield pauses.toLine();
            }
            default -> throw new IllegalArgumentException("no such command: " + line);
        };
    }

    private Entries cache(ValueType type) {
        Entries cache = caches.get(type);
        if (cache == null) {
            throw new IllegalStateException("not open: " + type);
        }
        return cache;
    }

    /** What is in use after collections until it does not shrink by more than a hundredth. */
    private static long usedHeap() {
        long before = Long.MAX_VALUE;
        long used = collect();
        for (int i = 0; i < 5 && used < before - before / 100; i++) {
            before = used;
            used = collect();
        }
        return used;
    }

    private static long collect() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
