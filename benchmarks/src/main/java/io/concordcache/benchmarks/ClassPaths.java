package io.concordcache.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The class paths of members: that of the driver, or what the build wrote for a peer.
 *
 * @param peers the folder of the peers
 */
record ClassPaths(Path peers) {

    String of(Candidate candidate) throws FailedException {
        if (candidate.module().isEmpty()) {
            return System.getProperty("java.class.path");
        }
        Path target = peers.resolve(candidate.module()).resolve("target");
        Path file = target.resolve("class-path");
        if (!Files.exists(file)) {
            throw new FailedException(candidate.title() + " is not built: there is no " + file);
        }
        try {
            return target.resolve("classes")
                    + File.pathSeparator
                    + Files.readString(file).strip();
        } catch (IOException e) {
            throw new FailedException("cannot read " + file + ": " + e.getMessage());
        }
    }

    /** The version in the name of its jar, if there is one. */
    String version(Candidate candidate) {
        try {
            Matcher version = Pattern.compile(
                            "[/\\\\]" + Pattern.quote(candidate.artifact()) + "([0-9][^/\\\\]*?)\\.jar")
                    .matcher(of(candidate));
            return version.find() ? version.group(1) : "";
        } catch (FailedException e) {
            return "";
        }
    }
}
