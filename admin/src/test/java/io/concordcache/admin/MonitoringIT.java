package io.concordcache.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.store.StoreObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the dashboard, the alert rules and the manual name is what Prometheus gets. */
@Timeout(180)
class MonitoringIT {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern METRIC = Pattern.compile("\\b(?:concord|jvm|process)_[a-z_]+\\b");

    private static Set<String> scraped;

    @BeforeAll
    static void scrape() throws Exception {
        try (Port port = Port.start(null)) {
            var made = port.store().execute(new Command.CreateCache(CacheDefinition.named("orders")));
            assertThat(made.held()).isTrue();
            for (StoreObserver.Use use : StoreObserver.Use.values()) {
                port.store().used("orders", use, 1_000_000);
            }
            System.gc(); // so that there was a pause to tell of
            scraped = port.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[{ ]", 2)[0])
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @AfterAll
    static void forget() {
        scraped = null;
    }

    private static Set<String> named(String text) {
        Set<String> names =
                METRIC.matcher(text).results().map(found -> found.group()).collect(Collectors.toSet());
        return new TreeSet<>(names);
    }

    @Test
    void theDashboardShowsWhatThereIs() throws Exception {
        JsonObject dashboard = JsonParser.parseString(Files.readString(DOCS.resolve("monitoring/grafana.json")))
                .getAsJsonObject();
        Set<String> names = new TreeSet<>();
        for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
            JsonElement targets = panel.getAsJsonObject().get("targets");
            if (targets != null) {
                targets.getAsJsonArray()
                        .forEach(target -> names.addAll(
                                named(target.getAsJsonObject().get("expr").getAsString())));
            }
        }
        assertThat(names).hasSizeGreaterThan(25);
        assertThat(scraped).containsAll(names);
    }

    @Test
    void theAlertsWatchWhatThereIs() throws Exception {
        Object rules = new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(DOCS.resolve("monitoring/alerts.yml")));
        Map<?, ?> group = (Map<?, ?>) ((List<?>) ((Map<?, ?>) rules).get("groups")).get(0);
        Set<Object> alerts = new java.util.HashSet<>();
        for (Object each : (List<?>) group.get("rules")) {
            Map<?, ?> rule = (Map<?, ?>) each;
            assertThat(alerts.add(rule.get("alert"))).isTrue();
            Set<String> names = named((String) rule.get("expr"));
            assertThat(names).as(rule.toString()).isNotEmpty();
            assertThat(scraped).containsAll(names);
            assertThat(((Map<?, ?>) rule.get("annotations")).get("summary")).isNotNull();
        }
        assertThat(alerts).contains("ConcordElections", "ConcordLag", "ConcordSlowWrites", "ConcordAvailability");
    }

    @Test
    void theManualNamesAllOfConcord() throws Exception {
        String manual = Files.readString(DOCS.resolve("admin.md"));
        Set<String> names = named(manual).stream()
                .filter(name -> name.startsWith("concord_"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = scraped.stream()
                .filter(name -> name.startsWith("concord_"))
                // of a timer the manual names the whole
                .map(name -> name.replaceAll("_seconds_(bucket|count|sum|max)$", "_seconds"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).isEqualTo(all);
    }
}
