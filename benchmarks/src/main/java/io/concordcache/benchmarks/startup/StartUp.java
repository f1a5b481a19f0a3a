package io.concordcache.benchmarks.startup;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Prints, as tables for docs/figures.md, the time from the start of a process until its first {@code put} was answered, and
 * the jars that it needs at run time with their sizes. Arguments: class path; file with the tree of dependencies; folder for
 * archives of classes.
 */
final class StartUp {
    private static final int RUNS = 10;
    private static final long END_SECONDS = 60;
    private static final double MEGABYTE = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    /** Options of a JVM, and how long it took with them. */
    private record Way(String name, List<String> options, List<Double> seconds) {
        Way(String name, List<String> options) {
            this(name, options, new ArrayList<>());
        }
    }

    private final String classPath;

    private StartUp(String classPath) {
        this.classPath = classPath;
    }

    public static void main(String[] args) throws Exception {
        StartUp startUp = new StartUp(args[0]);
        Path archive = Files.createDirectories(Path.of(args[2])).resolve("classes.jsa");
        Files.deleteIfExists(archive);
        var unused = startUp.run(List.of("-XX:ArchiveClassesAtExit=" + archive));
        List<Way> ways = List.of(
                new Way("as it comes", List.of()),
                new Way(
                        "with an archive of its classes (`-XX:SharedArchiveFile`)",
                        List.of("-XX:SharedArchiveFile=" + archive)),
                new Way(
                        "the same, and the first compiler only (`-XX:TieredStopAtLevel=1`)",
                        List.of("-XX:SharedArchiveFile=" + archive, "-XX:TieredStopAtLevel=1")),
                new Way("without any archive, not even the JDK's (`-Xshare:off`)", List.of("-Xshare:off")));
        for (int run = 0; run < RUNS; run++) {
            for (Way way : ways) { // in turns, so that a busy moment meets all
                way.seconds.add(startUp.run(way.options));
            }
        }
        System.out.printf("| JVM start to the first `put` answered | median of %d | fastest | slowest |%n", RUNS);
        System.out.println("|---|---|---|---|");
        for (Way way : ways) {
            List<Double> sorted = way.seconds.stream().sorted().toList();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f s | %.2f s | %.2f s |%n",
                    way.name,
                    (sorted.get((RUNS - 1) / 2) + sorted.get(RUNS / 2)) / 2,
                    sorted.get(0),
                    sorted.get(RUNS - 1));
        }
        System.out.printf(Locale.ROOT, "%nThe archive has %.1f MB.%n%n", Files.size(archive) / MEGABYTE);
        startUp.printTree(Path.of(args[1]));
    }

    /** From the start of the process to its word, in seconds. */
    private double run(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, FirstPut.class.getName()));
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            String said = in.readLine();
            double seconds = (System.nanoTime() - began) / NANOS_PER_SECOND;
            if (!FirstPut.DONE.equals(said) || !process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no put: " + String.join(" ", command) + " said " + said);
            }
            return seconds;
        } finally {
            var unused = process.destroyForcibly();
        }
    }

    /** Each line of the tree with the size of its jar. */
    private void printTree(Path tree) throws IOException {
        Map<String, File> jars = new HashMap<>();
        Arrays.stream(classPath.split(File.pathSeparator, -1))
                .map(File::new)
                .forEach(jar -> jars.put(jar.getName(), jar));
        long all = 0;
        System.out.println("```text");
        for (String line : Files.readAllLines(tree)) {
            String[] words = line.replaceAll("^[-+|\\\\ ]*", "").split(":", -1);
            String version = words.length > 4 ? words[words.length - 2] : words[words.length - 1];
            File jar = jars.get(words[1] + "-" + version + ".jar");
            if (jar == null) {
                throw new IllegalStateException(line + " is not on the class path");
            }
            all += jar.length();
            System.out.printf(
                    Locale.ROOT,
                    "%7.2f MB  %s%s %s%n",
                    jar.length() / MEGABYTE,
                    line.substring(0, line.indexOf(words[0])),
                    words[1],
                    version);
        }
        System.out.printf(Locale.ROOT, "%7.2f MB  all%n```%n", all / MEGABYTE);
    }
}
