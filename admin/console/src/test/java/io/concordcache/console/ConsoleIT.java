package io.concordcache.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.concordcache.admin.AdminServer;
import io.concordcache.admin.AdminSettings;
import io.concordcache.admin.CacheText;
import io.concordcache.admin.EntryText;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.RatisSettings;
import io.concordcache.raft.ratis.RatisStore;
import io.concordcache.raft.ratis.RemoteSettings;
import io.concordcache.raft.ratis.RemoteStore;
import io.concordcache.raft.store.Member;
import io.concordcache.raft.store.ReadLevel;
import io.concordcache.raft.tls.Authority;
import io.concordcache.raft.tls.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The console as people use it, in Chromium without a window. */
@Timeout(300)
class ConsoleIT {
    private static final String CHROMIUM = System.getProperty("console.chromium", "/usr/bin/chromium");
    private static final String PICTURES = System.getProperty("console.pictures", "");
    /** Of the charts in pictures. */
    private static final int ROUNDS = 12;

    private static final double PATIENCE_MILLIS = 60_000;

    @TempDir
    private static Path directory;

    private static List<Member> members;
    private static List<RatisStore> stores;
    private static Path access;
    private static AdminServer server;
    private static Playwright playwright;
    private static Browser browser;

    private BrowserContext context;
    private Page page;
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void start() throws Exception {
        assertThat(Path.of(CHROMIUM))
                .as("Chromium, of Debian's package chromium or where -Dconsole.chromium says")
                .exists();
        members = freeMembers("a", "b", "c");
        stores = start(directory, members);
        access = directory.resolve("access");
        Files.writeString(
                access,
                "token anna read,write,admin *\nsha256 anna " + sha256("boss-token")
                        + "\ntoken rita read *\nsha256 rita " + sha256("look-token") + "\n");
        server = AdminServer.start(stores.get(0), AdminSettings.of(anyPort(), null, access));
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(CHROMIUM))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu"))
                        .setTimeout(PATIENCE_MILLIS));
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static List<RatisStore> start(Path place, List<Member> all) throws Exception {
        List<CompletableFuture<RatisStore>> starts = all.stream()
                .map(member -> CompletableFuture.supplyAsync(
                        () -> member(place, member, all, false), task -> new Thread(task).start()))
                .toList();
        List<RatisStore> started = new ArrayList<>();
        for (CompletableFuture<RatisStore> each : starts) {
            started.add(each.get(120, TimeUnit.SECONDS));
        }
        return started;
    }

    private static RatisStore member(Path place, Member member, List<Member> all, boolean join) {
        return RatisStore.start(RatisSettings.member(
                Durability.DISK, place.resolve(member.id()), new ClusterSettings(member, all, join)));
    }

    private static List<Member> freeMembers(String... ids) throws Exception {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Member> found = new ArrayList<>();
        for (String id : ids) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            found.add(new Member(id, "127.0.0.1", socket.getLocalPort()));
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return found;
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @AfterAll
    static void stop() {
        if (playwright != null) {
            playwright.close();
        }
        if (server != null) {
            server.close();
        }
        if (stores != null) {
            stores.parallelStream().forEach(RatisStore::close);
        }
    }

    @BeforeEach
    void open() {
        open(ColorScheme.LIGHT, 1280, 900);
    }

    private void open(ColorScheme scheme, int width, int height) {
        open(server.url(), scheme, width, height);
    }

    private void open(String url, ColorScheme scheme, int width, int height) {
        if (context != null) {
            context.close();
        }
        context = browser.newContext(new Browser.NewContextOptions()
                .setColorScheme(scheme)
                .setViewportSize(width, height)
                .setIgnoreHTTPSErrors(true));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            // Chromium tells by itself of answers such as 401, and of none, which the page tells of too.
            if (message.type().equals("error")
                    && !message.text().startsWith("Failed to load resource: the server responded")
                    && !message.text().startsWith("Failed to load resource: net::ERR_")) {
                complaints.add(message.text());
            }
        });
        page.onRequest(request -> {
            if (!request.url().startsWith(url)) {
                complaints.add("it asked for " + request.url());
            }
        });
        page.navigate(url);
    }

    @AfterEach
    void nothingWentWrongInThePage() {
        context.close();
        assertThat(complaints).isEmpty();
    }

    private void sign(String token) {
        Locator dialog = page.locator("#ask-token");
        within(dialog).isVisible();
        dialog.locator("input").fill(token);
        page.keyboard().press("Enter");
        within(page.locator("#me")).hasText(Pattern.compile("token (anna|rita)"));
    }

    private static LocatorAssertions within(Locator locator) {
        return PlaywrightAssertions.assertThat(locator);
    }

    private static long cache(String name, long entries) {
        RatisStore store = stores.get(0);
        long id = store.execute(new Command.CreateCache(CacheText.definition(name, 100_000L, null, null)))
                .afterVersion();
        var cleared = store.execute(new Command.Clear(id));
        assertThat(cleared.held()).isTrue();
        for (int i = 0; i < entries; i++) {
            var unused = store.execute(new Command.Write(
                    id,
                    EntryText.key(EntryText.KeyType.STRING, name + "-" + i),
                    Condition.ANY,
                    new Mutation.Put(EntryText.value("value <b>" + i + "</b>"), Expiry.after(600_000))));
        }
        return id;
    }

    private static void readAsClient(String name, int hits, int misses) {
        try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", List.of(members.get(0))))) {
            long id = client.cache(name).id();
            for (int i = 0; i < hits + misses; i++) {
                var unused = client.get(
                        id,
                        EntryText.key(EntryText.KeyType.STRING, i < hits ? name + "-0" : "none-" + i),
                        ReadLevel.EVENTUAL);
            }
        }
    }

    private Locator row(String table, String text) {
        return page.locator("#" + table + " tr", new Page.LocatorOptions().setHasText(text));
    }

    private static Locator button(Locator in, String name) {
        return in.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void showsTheClusterAndItsCaches() {
        long id = cache("orders", 20);
        assertThat(id).isPositive();
        sign("boss-token");
        within(page.locator("#health")).hasText(Pattern.compile("healthy, leader [abc] for .*"));
        within(page.locator("#state")).isHidden();
        within(page.locator("#member-rows tr")).hasCount(3);
        within(page.locator("#member-rows .role-leader")).hasCount(1);
        within(page.locator("#me")).hasText("token anna");
        within(row("cache-rows", "orders").locator("td").nth(1)).hasText("20");
        within(page.locator("#operations polyline").first()).hasAttribute("points", Pattern.compile("\\d.* \\d.*"));
        within(page.locator("#operations polyline").nth(1)).hasAttribute("points", Pattern.compile("\\d.* \\d.*"));
        within(page.locator("#lag polyline")).hasAttribute("points", Pattern.compile("\\d.* \\d.*"));
        assertThat(page.title()).isEqualTo("Concord concord");
        page.reload();
        within(page.locator("#me")).hasText("token anna"); // the token lasts as long as the tab
    }

    @Test
    void theChartsFollowWhatIsDone() {
        sign("boss-token");
        button(row("member-rows", members.get(0).address()), "Remove").waitFor();
        leadHere();
        page.waitForCondition(
                () -> {
                    long id = cache("busy", 40);
                    assertThat(id).isPositive();
                    readAsClient("busy", 10, 0);
                    return Stream.of("operations", "latency")
                            .flatMap(name -> page.locator("#" + name + "-legend span").allTextContents().stream())
                            .allMatch(text -> text.matches(".* [\\d,]*\\.?\\d+") && !text.endsWith(" 0"));
                },
                new Page.WaitForConditionOptions().setTimeout(2 * PATIENCE_MILLIS));
        within(page.locator("#lag-legend")).hasText(Pattern.compile("lag [\\d.,]+"));
    }

    /** Only the leader measures how long entries take. */
    private void leadHere() {
        within(page.locator("#member-rows .role-leader")).hasCount(1);
        Locator first = row("member-rows", members.get(0).address());
        if (!first.locator(".role-leader").isVisible()) {
            button(first, "Make leader").click();
            button(page.locator("#confirm"), "Go on").click();
        }
        within(page.locator("#health")).hasText(Pattern.compile("healthy, leader a for .*"));
    }

    @Test
    void showsHowManyReadsHit() {
        long id = cache("ratios", 1);
        assertThat(id).isPositive();
        readAsClient("ratios", 3, 1);
        sign("boss-token");
        within(row("cache-rows", "ratios")).containsText("75.0 %");
        within(row("cache-rows", "ratios")).containsText(Pattern.compile("\\d B"));
        within(row("cache-rows", "ratios")).containsText("100,000");
    }

    @Test
    void aWrongTokenIsSaidToBeSoAndAskedForAgain() {
        Locator why = page.locator("#ask-token-why");
        within(why).hasText("This server wants one.");
        page.locator("#ask-token input").fill("wrong");
        page.keyboard().press("Enter");
        within(why).hasText("This server does not know that token. Try another.");
        page.keyboard().press("Escape");
        within(page.locator("#state")).containsText("shows nothing without a token that it knows");
        page.locator("#token").click();
        sign("boss-token");
        within(page.locator("#me")).hasText("token anna");
        within(page.locator("#member-rows tr")).hasCount(3);
        within(page.locator("#state")).isHidden();
    }

    @Test
    void asksForATokenOverTls() throws Exception {
        Authority authority = new Authority("console");
        TlsSettings files = authority.write(directory.resolve("tls"), authority.issue("a", "localhost", "127.0.0.1"));
        TlsSettings tls = new TlsSettings(files.certificate(), files.key(), null, null, null, files.trust(), false);
        try (AdminServer secured = AdminServer.start(stores.get(0), AdminSettings.of(anyPort(), tls, access))) {
            assertThat(secured.url()).startsWith("https://");
            open(secured.url(), ColorScheme.LIGHT, 1280, 900);
            within(page.locator("#ask-token")).isVisible();
            within(page.locator("#member-rows tr")).hasCount(0);
            sign("look-token");
            within(page.locator("#member-rows tr")).hasCount(3);
            context.close();
        }
    }

    @Test
    void whoMayOnlyLookSeesNoButtons() {
        long id = cache("orders", 1);
        assertThat(id).isPositive();
        sign("look-token");
        within(page.locator("#me")).hasText("token rita");
        within(page.locator("#cache-rows tr").first()).isVisible();
        within(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Clear")))
                .hasCount(0);
        within(page.locator("#add-member")).isHidden();
    }

    @Test
    void looksEntriesUpAndChangesThem() {
        long id = cache("sessions", 60);
        assertThat(id).isPositive();
        sign("boss-token");
        page.locator("#look-up [name=cache]").selectOption("sessions");
        page.locator("#look-up [name=key]").fill("sessions-7");
        page.keyboard().press("Enter");
        within(page.locator("#entry-value")).hasText("value <b>7</b>"); // as text, not as a part of the page
        within(page.locator("#entry-facts")).containsText("min");
        page.locator("#set-ttl input").fill("never");
        button(page.locator("#set-ttl"), "Set").click();
        within(page.locator("#entry-facts")).containsText("for ever");

        page.locator("#browse").click();
        within(page.locator("#page-rows tr")).hasCount(50);
        page.locator("#next").click();
        within(page.locator("#page-rows tr")).hasCount(10);
        within(page.locator("#next")).isDisabled();
        page.locator("#page-rows button").first().click();
        within(page.locator("#entry-key")).containsText("sessions-");

        page.locator("#delete-entry").click();
        button(page.locator("#confirm"), "Go on").click();
        within(page.locator("#entry")).isHidden();
        within(row("cache-rows", "sessions").locator("td").nth(1)).hasText("59");
        page.locator("#look-up [name=key]").fill("no such key");
        page.keyboard().press("Enter");
        within(page.locator("#message")).hasText("there is no entry of key 'no such key' in cache 'sessions'");
    }

    @Test
    void clearsACacheOnlyAfterAQuestion() {
        long id = cache("prices", 5);
        assertThat(id).isPositive();
        sign("boss-token");
        Locator clear = button(row("cache-rows", "prices"), "Clear");
        clear.focus();
        page.keyboard().press("Enter");
        within(page.locator("#confirm-what")).containsText("all 5 entries of the cache prices");
        page.keyboard().press("Escape");
        within(page.locator("#confirm")).isHidden();
        within(row("cache-rows", "prices").locator("td").nth(1)).hasText("5");
        clear.click();
        button(page.locator("#confirm"), "Go on").click();
        within(row("cache-rows", "prices").locator("td").nth(1)).hasText("0");
    }

    @Test
    void handsOverTheLead() {
        sign("boss-token");
        within(page.locator("#member-rows .role-leader")).hasCount(1);
        Locator heir = page.locator("#member-rows tr:has(.role-follower)").first();
        String id = heir.locator("td").first().textContent();
        button(heir, "Make leader").click();
        within(page.locator("#confirm-what")).hasText("Hand the lead to " + id + "?");
        button(page.locator("#confirm"), "Go on").click();
        within(page.locator("#health")).hasText(Pattern.compile("healthy, leader " + id + " .*"));
        within(page.locator("#member-rows tr:has(.role-leader) td").first()).hasText(id);
    }

    @Test
    void takesMembersInAndEndsMemberships() throws Exception {
        Member newcomer = freeMembers("d").get(0);
        List<Member> all = new ArrayList<>(members);
        all.add(newcomer);
        sign("boss-token");
        within(page.locator("#member-rows tr")).hasCount(3);
        try (RatisStore joining = member(directory, newcomer, all, true)) {
            assertThat(joining.metrics().member()).isNotNull();
            page.locator("#add-member input").fill(newcomer.toString());
            page.keyboard().press("Enter");
            within(row("member-rows", newcomer.address())).isVisible();
            within(page.locator("#add-member input")).hasValue("");
            button(row("member-rows", newcomer.address()), "Remove").click();
            within(page.locator("#confirm-what")).containsText("End the membership of d?");
            button(page.locator("#confirm"), "Go on").click();
            within(page.locator("#member-rows tr")).hasCount(3);
        }
        page.locator("#add-member input").fill("nonsense");
        page.keyboard().press("Enter");
        within(page.locator("#message")).containsText("nonsense");
    }

    @Test
    void saysWhatIsWrongAndWhenItIsOver() throws Exception {
        Path place = directory.resolve("unlucky");
        List<Member> all = freeMembers("a", "b", "c");
        List<RatisStore> own = new ArrayList<>(start(place, all));
        AdminServer port = AdminServer.start(own.get(0), AdminSettings.of(anyPort(), null, access));
        try {
            open(port.url(), ColorScheme.LIGHT, 1280, 900);
            Locator state = page.locator("#state");
            sign("boss-token");
            within(page.locator("#health")).hasText(Pattern.compile("healthy, leader .*"));

            own.remove(2).close();
            within(state).hasText("Member c does not answer; the others read and write.");
            within(row("member-rows", all.get(2).address())).containsText("unreachable");
            within(page.locator("#health")).hasText(Pattern.compile("healthy, leader [ab].*"));

            own.remove(1).close();
            within(state)
                    .hasText("Members b, c do not answer: without a majority nothing is read or written until more"
                            + " members are back.");
            within(page.locator("#health")).hasText(Pattern.compile("not healthy, .*"));
            within(page.locator("#member-rows tr")).hasCount(3);

            own.add(member(place, all.get(1), all, false));
            within(state).hasText("Member c does not answer; the others read and write.");

            port.close();
            within(state).hasText(Pattern.compile("This member does not answer\\. What you see is of .*"));
            within(page.locator("#health")).hasText("no answer");
            within(page.locator("#member-rows tr")).hasCount(3);
        } finally {
            context.close();
            port.close();
            own.parallelStream().forEach(RatisStore::close);
        }
    }

    private void tabTo(Locator goal) {
        for (int i = 0; i < 80; i++) {
            page.keyboard().press("Tab");
            if (goal.evaluate("each => each === document.activeElement").equals(true)) {
                assertThat(goal.evaluate("each => getComputedStyle(each).outlineStyle"))
                        .as("the focus shows")
                        .isEqualTo("solid");
                return;
            }
        }
        throw new AssertionError("80 times Tab do not lead to " + goal);
    }

    @Test
    void needsNoPointer() {
        long id = cache("keys", 5);
        assertThat(id).isPositive();
        within(page.locator("#ask-token")).isVisible();
        page.keyboard().type("boss-token");
        page.keyboard().press("Enter");
        Locator clear = button(row("cache-rows", "keys"), "Clear");
        clear.waitFor();
        tabTo(page.locator("#look-up [name=cache]"));
        page.keyboard().type("keys");
        tabTo(page.locator("#look-up [name=key]"));
        page.keyboard().type("keys-3");
        page.keyboard().press("Enter");
        within(page.locator("#entry-value")).hasText("value <b>3</b>");
        tabTo(page.locator("#set-ttl input"));
        page.keyboard().type("never");
        page.keyboard().press("Enter");
        within(page.locator("#entry-facts")).containsText("for ever");

        tabTo(clear);
        page.keyboard().press("Enter");
        within(page.locator("#confirm button").first()).isFocused(); // what does no harm
        page.keyboard().press("Escape");
        within(clear).isFocused();
        page.keyboard().press("Enter");
        tabTo(page.locator("#confirm-ok"));
        page.keyboard().press("Enter");
        within(row("cache-rows", "keys").locator("td").nth(1)).hasText("0");
        within(clear).isFocused();
    }

    @Test
    void followsTheSchemeAndTheSwitch() {
        open(ColorScheme.DARK, 1280, 900);
        sign("boss-token");
        within(page.locator("html")).hasAttribute("data-theme", "dark");
        within(page.locator("body")).hasCSS("background-color", "rgb(18, 22, 28)");
        page.locator("#theme").click();
        within(page.locator("html")).hasAttribute("data-theme", "light");
        within(page.locator("body")).hasCSS("background-color", "rgb(245, 246, 248)");
    }

    @Test
    void fitsNarrowScreens() {
        long id = cache("orders", 3);
        assertThat(id).isPositive();
        open(ColorScheme.LIGHT, 360, 740);
        sign("boss-token");
        within(row("cache-rows", "orders").first()).isVisible();
        page.locator("#look-up [name=cache]").selectOption("orders");
        page.locator("#browse").click();
        within(page.locator("#page-rows tr")).hasCount(3);
        assertThat(page.evaluate("[document.documentElement, ...document.querySelectorAll('.scroll')]"
                        + ".filter(each => each.scrollWidth > each.clientWidth).map(each => each.outerHTML)"))
                .isEqualTo(List.of());
    }

    @Test
    void triesCallsFromTheDescription() {
        page.navigate(server.url() + "api");
        page.locator("#token").fill("boss-token");
        Locator status = page.locator("details:has(summary:text-matches('^GET /v1/status '))");
        status.locator("summary").click();
        button(status, "Call").click();
        within(status.locator("pre")).hasText(Pattern.compile("200.*\"cluster\":\"concord\".*", Pattern.DOTALL));

        Locator put = page.locator("details:has(summary:text-matches('^POST /v1/caches '))");
        put.locator("summary").click();
        put.locator("textarea").fill("{\"name\":\"tried\"}");
        button(put, "Call").click();
        within(put.locator("pre")).hasText(Pattern.compile("201.*\"name\":\"tried\".*", Pattern.DOTALL));
        assertThat(stores.get(0).cache("tried")).isNotNull();
    }

    /** Takes the pictures of the manual, with load so that the charts show something, if -Dconsole.pictures names a place. */
    @Test
    @EnabledIfSystemProperty(named = "console.pictures", matches = ".+")
    void takesPictures() throws Exception {
        Path place = Files.createDirectories(Path.of(PICTURES));
        for (String name : List.of("orders", "prices", "sessions")) {
            long id = cache(name, 200 + name.length() * 37L);
            assertThat(id).isPositive();
            readAsClient(name, 90 - name.length(), name.length());
        }
        record Look(String name, ColorScheme scheme, int width, int height) {}
        for (Look look : List.of(
                new Look("console-light", ColorScheme.LIGHT, 1280, 1000),
                new Look("console-dark", ColorScheme.DARK, 1280, 1000),
                new Look("console-narrow", ColorScheme.LIGHT, 390, 1400))) {
            open(look.scheme, look.width, look.height);
            sign("boss-token");
            leadHere();
            page.locator("#look-up [name=cache]").selectOption("orders");
            for (int i = 0; i < ROUNDS; i++) {
                long id = cache("orders", 60 + 20L * (i % 4));
                assertThat(id).isPositive();
                readAsClient("orders", 80 - i, 10);
                String points = page.locator("#lag polyline").getAttribute("points");
                page.waitForCondition(
                        () -> !String.valueOf(page.locator("#lag polyline").getAttribute("points"))
                                .equals(points));
            }
            page.locator("#look-up [name=key]").fill("orders-7");
            page.keyboard().press("Enter");
            within(page.locator("#entry-value")).isVisible();
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(place.resolve(look.name + ".png"))
                    .setFullPage(true));
        }
    }
}
