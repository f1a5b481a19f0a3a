package io.concordcache.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the TCK's reports leave out: a test that excludes itself counts as passed there, and a wrong filter runs nothing.
 * Runs after the TCK, over its reports.
 */
class TckReportIT {
    private static final Path REPORTS = Path.of(System.getProperty("tck.reports"));
    private static final Pattern SUITE = Pattern.compile("<testsuite [^>]*?\\bname=\"[^\"]*\"[^>]*>");
    private static final Pattern EXCLUDED = Pattern.compile("===== EXCLUDING TEST '([^']+)'\\s*'([^']+)'");

    private static List<Path> reports(String run, String suffix) {
        try (Stream<Path> all = Files.list(REPORTS.resolve(run + "-reports"))) {
            return all.filter(path -> path.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int sum(String run, String attribute) {
        Pattern value = Pattern.compile("\\b" + attribute + "=\"(\\d+)\"");
        return reports(run, ".xml").stream()
                .map(TckReportIT::read)
                .flatMap(report -> SUITE.matcher(report).results().limit(1))
                .map(MatchResult::group)
                .mapToInt(suite -> {
                    Matcher found = value.matcher(suite);
                    assertThat(found.find()).as("%s in %s", attribute, suite).isTrue();
                    return Integer.parseInt(found.group(1));
                })
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"surefire", "client", "member"})
    void allTestsWereThereAndNoneFailed(String run) {
        assertThat(sum(run, "tests")).isEqualTo(491);
        assertThat(sum(run, "failures") + sum(run, "errors") + sum(run, "skipped"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"surefire", "client", "member"})
    void onlyTheExpectedTestsExcludedThemselves(String run) throws IOException {
        TreeMap<String, Integer> excluded = new TreeMap<>();
        for (Path output : reports(run, "-output.txt")) {
            EXCLUDED.matcher(read(output))
                    .results()
                    .forEach(found -> excluded.merge(found.group(1) + " " + found.group(2), 1, Integer::sum));
        }
        assertThat(excluded).isEqualTo(expected());
    }

    private static TreeMap<String, Integer> expected() throws IOException {
        TreeMap<String, Integer> expected = new TreeMap<>();
        try (InputStream in = TckReportIT.class.getResourceAsStream("/expected-exclusions.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] words = line.split(" ", 2);
                    expected.put(words[1], Integer.parseInt(words[0]));
                }
            }
        }
        return expected;
    }
}
