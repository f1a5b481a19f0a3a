package io.concordcache.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.marshal.ClassFilter;
import io.concordcache.raft.marshal.StandardMarshaller;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.store.Member;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The commands, against a server alone. */
class CommandsTest {
    private static Member member;
    private static RatisStore server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void startServer() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            member = new Member("one", "127.0.0.1", free.getLocalPort());
        }
        server = RatisStore.start(RatisSettings.memory().with(new ClusterSettings(member, List.of(member), false)));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private int run(String line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        if (!line.contains("--servers")
                && !line.contains("--help")
                && !line.startsWith("generate")
                && !line.equals("cache")) {
            words.add("--servers");
            words.add(member.address());
        }
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(new String[0]));
    }

    private String out() {
        return out.toString();
    }

    @Test
    void showsTheCluster() {
        assertThat(run("status")).isZero();
        assertThat(out()).containsPattern("MEMBER +ADDRESS +ROLE").containsPattern("one +127.0.0.1:\\d+ +leader");
        assertThat(run("members list --output json")).isZero();
        assertThat(out()).contains("{\"member\": \"one\", \"address\": \"" + member.address() + "\", \"leads\": true}");
        assertThat(run("snapshot")).isZero();
        assertThat(run("leader transfer two")).isEqualTo(3);
        assertThat(run("leader transfer")).isEqualTo(1);
        assertThat(err.toString()).contains("no other member answers");
        assertThat(run("members remove two --yes")).isEqualTo(3);
        assertThat(run("members remove one --yes")).isEqualTo(1);
        assertThat(run("members add two=127.0.0.1:1")).isEqualTo(1);
        assertThat(err.toString()).contains("start it with join first");
    }

    @Test
    void handlesCachesAndEntries() {
        assertThat(run("cache create orders --max-entries 100 --ttl 30m")).isZero();
        assertThat(run("cache create orders")).isEqualTo(1);
        assertThat(err.toString()).contains("already");
        assertThat(run("cache list")).isZero();
        assertThat(out()).containsPattern("orders +0 +100 +unlimited");
        assertThat(run("cache describe orders")).isZero();
        assertThat(out()).contains("PT30M").contains("key-type");

        assertThat(run("put orders a shipped")).isZero();
        assertThat(run("put orders b open --ttl 10m")).isZero();
        assertThat(run("put orders 7 seven --key-type long")).isZero();
        assertThat(run("get orders a")).isZero();
        assertThat(out()).containsPattern("value +shipped");
        assertThat(run("get orders 7 --key-type long --output json")).isZero();
        assertThat(out()).startsWith("{\"key\": \"7\", \"value\": \"seven\", \"version\": ");
        assertThat(run("ttl orders b --set 1h")).isZero();
        assertThat(out()).containsPattern("ttl-ms +3[56]\\d{5}");
        assertThat(run("scan orders")).isZero();
        assertThat(out()).contains("shipped", "open", "seven");
        assertThat(run("cache stats orders")).isZero();
        assertThat(out()).containsPattern("entries +3");
        assertThat(run("remove orders a")).isZero();
        assertThat(run("remove orders a")).isEqualTo(3);
        assertThat(run("get orders a")).isEqualTo(3);

        assertThat(run("cache clear orders")).isEqualTo(1);
        assertThat(err.toString()).contains("--yes");
        assertThat(run("cache clear orders --yes")).isZero();
        assertThat(run("scan orders --output json")).isZero();
        assertThat(out()).isEqualTo("[]" + System.lineSeparator());
        assertThat(run("cache destroy orders --yes")).isZero();
        assertThat(run("cache describe orders")).isEqualTo(3);
    }

    record Key(String text) {}

    @Test
    void showsRecordsWithoutTheirClasses() {
        byte[] key = new StandardMarshaller(ClassFilter.forTypes(Key.class), Key.class.getClassLoader())
                .marshal(new Key("\"tea\",1"));
        assertThat(run("cache create prices")).isZero();
        assertThat(run("put prices " + HexFormat.of().formatHex(key) + " cheap --key-type hex"))
                .isZero();
        assertThat(run("scan prices")).isZero();
        assertThat(out()).contains("Key(text=\"tea\",1)");
        assertThat(run("cache destroy prices --yes")).isZero();
    }

    @Test
    void backsUpAndRestores(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("all.concord.gz");
        assertThat(run("cache create kept")).isZero();
        assertThat(run("put kept k v")).isZero();
        assertThat(run("backup " + file + " --output json")).isZero();
        assertThat(out()).contains("\"cluster\": \"concord\"", "\"cache\": \"kept\", \"entries\": 1}");
        assertThat(run("backup " + file)).isEqualTo(1);
        assertThat(err.toString()).contains("exists already").hasLineCount(1);
        assertThat(run("restore " + file)).isEqualTo(1);
        assertThat(err.toString())
                .contains("the cluster has a cache 'kept' already")
                .hasLineCount(1);
        assertThat(run("restore " + file + " --check")).isZero();
        assertThat(run("cache destroy kept --yes")).isZero();
        assertThat(run("restore " + file)).isZero();
        assertThat(out()).containsPattern("entries +1");
        assertThat(run("get kept k")).isZero();
        assertThat(out()).containsPattern("value +v");
        assertThat(run("cache destroy kept --yes")).isZero();
        assertThat(run("backup " + directory.resolve("none/x"))).isEqualTo(1);
        assertThat(err.toString()).contains("cannot be written").hasLineCount(1);
        assertThat(run("restore " + directory.resolve("none"))).isEqualTo(1);
        assertThat(err.toString()).contains("NoSuchFileException").hasLineCount(1);
    }

    @Test
    void exportsAndImports(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("entries.jsonl");
        assertThat(run("cache create from")).isZero();
        assertThat(run("cache create to")).isZero();
        assertThat(run("put from a 1")).isZero();
        assertThat(run("put from 7 x --key-type long --ttl 1h")).isZero();
        assertThat(run("export from " + file)).isZero();
        assertThat(Files.readAllLines(file))
                .anyMatch("{\"key\":\"a\",\"value\":\"1\"}"::equals)
                .anyMatch(line -> line.startsWith("{\"key\":{\"long\":7},\"value\":\"x\",\"ttl-ms\":3"))
                .hasSize(2);
        assertThat(run("import to " + file)).isZero();
        assertThat(run("ttl to 7 --key-type long")).isZero();
        assertThat(out()).containsPattern("ttl-ms +3[56]\\d{5}");
        assertThat(run("export from " + file)).isEqualTo(1);
        assertThat(err.toString()).contains("exists already").hasLineCount(1);
        Files.writeString(file, "{\"key\":\"a\",\"value\":\"2\"}\n\nnonsense\n");
        assertThat(run("import to " + file)).isEqualTo(1);
        assertThat(err.toString()).contains("line 3: no JSON object").hasLineCount(1);
        assertThat(run("import to " + directory.resolve("none"))).isEqualTo(1);
        assertThat(err.toString()).contains("there is no file").hasLineCount(1);
        assertThat(run("cache destroy from --yes")).isZero();
        assertThat(run("cache destroy to --yes")).isZero();
    }

    @Test
    void measures() {
        assertThat(run("bench --seconds 1 --threads 2 --output json")).isZero();
        assertThat(out()).containsPattern("\"per-second\": [1-9]");
        assertThat(run("cache describe concord-bench")).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | 2 | Unmatched",
                "cache | 2 | say which",
                "members add x | 2 | is no member",
                "cache create x --ttl 5 | 2 | is no duration",
                "get | 2 | Missing required parameter",
                "get nowhere k | 3 | there is no cache 'nowhere'",
                "status --output xml | 2 | xml",
                "status --servers 127.0.0.1:1 --timeout 300ms | 1 | no server of [127.0.0.1:1]",
                "bench --threads 0 | 1 | must be positive",
            })
    void saysWhatIsWrong(String line, int code, String message) {
        assertThat(run(line)).isEqualTo(code);
        assertThat(err.toString()).contains(message).doesNotContain("\tat ");
    }

    @Test
    void refusesAnotherCluster() {
        assertThat(run("status --cluster-name other")).isEqualTo(1);
        assertThat(err.toString()).contains("this is a member of cluster 'concord', not of 'other'");
    }

    @Test
    void everyCommandHelpsWithExamples() {
        assertHelp(Main.commandLine(), "");
    }

    private void assertHelp(CommandLine command, String path) {
        if (path.startsWith("generate")) {
            return; // picocli's own
        }
        assertThat(run((path + " --help").strip())).isZero();
        assertThat(out()).as(path).contains("Usage: concord", "Examples:", "concord " + path, "Exit codes:");
        command.getSubcommands().forEach((name, sub) -> assertHelp(sub, (path + " " + name).strip()));
    }

    @Test
    void completesInShells() {
        assertThat(run("generate-completion")).isZero();
        assertThat(out()).contains("complete -F", "leader", "scan");
    }

    @Test
    void escapesJson() {
        assertThat(Output.quote("a\"b\\c\nd")).isEqualTo("\"a\\\"b\\\\c\\u000ad\"");
    }
}
