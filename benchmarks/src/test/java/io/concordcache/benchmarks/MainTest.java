package io.concordcache.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong arguments are told before anything starts. */
class MainTest {
    private final StringWriter said = new StringWriter();

    private int run(String... arguments) {
        return Main.run(new PrintWriter(said, true), arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--systems memcached | 'memcached'",
                "--members 2         | --members takes 1, 3, 5 and 7, not [2]",
                "--rounds 0          | --rounds takes a number from 1 to 100, not 0",
                "--rounds many       | 'many'",
                "--seconds 0         | --seconds takes a number from 0.1 to 600, not 0.0",
                "--quick --full      | --quick and --full exclude each other",
                "--fast              | '--fast'"
            })
    void wrongArguments(String arguments, String message) {
        assertThat(run(arguments.strip().split(" "))).isEqualTo(2);
        assertThat(said.toString())
                .startsWith("benchmarks/run: ")
                .contains(message)
                .contains("(see --help)");
    }

    @Test
    void placeThatCannotBeWrittenTo(@TempDir Path temporary) throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        assertThat(run("--out", file.resolve("out").toString())).isEqualTo(2);
        assertThat(said.toString()).contains("cannot write to " + file.resolve("out"));
    }
}
