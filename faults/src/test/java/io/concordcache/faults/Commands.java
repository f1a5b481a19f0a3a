package io.concordcache.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Commands of the operating system. */
final class Commands {
    private Commands() {}

    /** A machine or a user that cannot do what is asked. */
    static final class MissingException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MissingException(String what) {
            super(what);
        }
    }

    static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
            }
            return said;
        } catch (IOException e) {
            throw new MissingException("faults need the command " + command.get(0) + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static String run(String... command) {
        return run(List.of(command));
    }

    /** That all tools are there, and may be used; says in one line what is missing. */
    static void check() {
        List<String> missing = new ArrayList<>();
        for (String tool : List.of("ip", "tc", "iptables", "mount", "umount", "kill", "python3", "gcc")) {
            boolean there = Arrays.stream(
                            System.getenv().getOrDefault("PATH", "").split(":"))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
            if (!there) {
                missing.add(tool);
            }
        }
        if (!missing.isEmpty()) {
            throw new MissingException(
                    "missing: " + String.join(", ", missing)
                            + "; faults need them all (Debian: apt-get install iproute2 iptables mount procps python3 gcc libc6-dev)");
        }
        try {
            if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
                throw new MissingException("faults cut networks and mount disks, and so need root");
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw new MissingException("faults need Linux: " + e.getMessage());
        }
    }
}
