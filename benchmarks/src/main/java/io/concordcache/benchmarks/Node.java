package io.concordcache.benchmarks;

import io.concordcache.benchmarks.member.GcLog;
import io.concordcache.benchmarks.member.MemberMain;
import io.concordcache.benchmarks.member.Seat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The process of a member, to which one command at a time is told. It ends when the driver does, however that ends. */
final class Node implements AutoCloseable {
    private static final String OK = "ok ";

    private final String name;
    private final Path errors;
    private final Process process;
    private final PrintWriter to;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    Node(String name, Launch launch, Seat seat) throws IOException {
        this.name = name;
        this.errors = seat.directory().resolve("errors.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + launch.heap(),
                "-XX:+UseG1GC",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-Xlog:gc:file=" + seat.directory().resolve(GcLog.FILE)));
        command.addAll(launch.jvmArguments());
        command.addAll(List.of("-cp", launch.classPath(), MemberMain.class.getName(), launch.subject()));
        command.addAll(seat.toArguments());
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        to = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    /** How the JVM of a member is started. */
    record Launch(String subject, String classPath, List<String> jvmArguments, String heap) {}

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            // it ended
        }
        answers.add("ended");
    }

    void tell(String command) {
        to.println(command);
    }

    /** What it says next, without the ok before it. */
    String answer(Duration patience) throws FailedException, InterruptedException {
        String line = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new FailedException(name + " did not answer within " + patience.toSeconds() + " s");
        }
        if (!line.startsWith(OK)) {
            throw new FailedException(name + " " + line + (line.startsWith("ended") ? ": " + lastError() : ""));
        }
        return line.substring(OK.length());
    }

    String ask(String command, Duration patience) throws FailedException, InterruptedException {
        tell(command);
        return answer(patience);
    }

    private String lastError() {
        try {
            List<String> lines = Files.readAllLines(errors);
            return lines.isEmpty() ? "without a word" : lines.get(lines.size() - 1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Lets it end by itself for a moment, then ends it. */
    @Override
    public void close() {
        to.close();
        awaitEnd();
        kill();
    }

    private void awaitEnd() {
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitEnd();
    }
}
