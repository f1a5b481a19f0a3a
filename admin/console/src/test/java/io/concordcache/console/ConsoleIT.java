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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console as people use it, in Chromium without a window. */
@Timeout(300)
class ConsoleIT {
    private static final String CHROMIUM = System.getProperty("console.chromium", "/usr/bin/chromium");
    private static final String PICTURES = System.getProperty("console.pictures", "");
    private static final double PATIENCE_MILLIS = 60_000;

    @TempDir
    private static Path directory;

    private static final List<RatisStore> STORES = new ArrayList<>();
    private static List<Member> members;
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
        members = freeMembers();
        List<CompletableFuture<RatisStore>> starts = members.stream()
                .map(member -> CompletableFuture.supplyAsync(
                        () -> RatisStore.start(RatisSettings.member(
                                Durability.DISK,
                                directory.resolve(member.id()),
                                new ClusterSettings(member, members, false))),
                        task -> new Thread(task).start()))
                .toList();
        for (CompletableFuture<RatisStore> each : starts) {
            STORES.add(each.get(120, TimeUnit.SECONDS));
        }
        Path access = directory.resolve("access");
        Files.writeString(
                access,
                "token anna read,write,admin *\nsha256 anna " + sha256("boss-token") + "\ntoken rita read *\nsha256 rita "
                        + sha256("look-token") + "\n");
        server = AdminServer.start(
                STORES.get(0),
                AdminSettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, access));
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

    private static List<Member> freeMembers() throws Exception {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Member> found = new ArrayList<>();
        for (String id : List.of("a", "b", "c")) {
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
        STORES.parallelStream().forEach(RatisStore::close);
    }

    @BeforeEach
    void open() {
        open(ColorScheme.LIGHT, 1280, 900);
    }

    private void open(ColorScheme scheme, int width, int height) {
        if (context != null) {
            context.close();
        }
        context = browser.newContext(
                new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(width, height));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            // Chromium tells by itself of answers such as 401 and 404, which the page tells of too.
            if (message.type().equals("error")
                    && !message.text().startsWith("Failed to load resource: the server responded")) {
                complaints.add(message.text());
            }
        });
        page.onRequest(request -> {
            if (!request.url().startsWith(server.url())) {
                complaints.add("it asked for " + request.url());
            }
        });
        page.navigate(server.url());
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
        within(dialog).isHidden();
    }

    private static LocatorAssertions within(Locator locator) {
        return PlaywrightAssertions.assertThat(locator);
    }

    private static long cache(String name, long entries) {
        RatisStore store = STORES.get(0);
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
        within(page.locator("#health")).hasText(Pattern.compile("healthy, leader [abc].*"));
        within(page.locator("#member-rows tr")).hasCount(3);
        within(page.locator("#member-rows .role-leader")).hasCount(1);
        within(page.locator("#me")).hasText("token anna");
        within(row("cache-rows", "orders").locator("td").nth(1)).hasText("20");
        within(page.locator("#operations polyline").first()).hasAttribute("points", Pattern.compile("\\d.* \\d.*"));
        within(page.locator("#lag polyline")).hasAttribute("points", Pattern.compile("\\d.* \\d.*"));
        assertThat(page.title()).isEqualTo("Concord concord");
        page.reload();
        within(page.locator("#me")).hasText("token anna"); // the token lasts as long as the tab
    }

    @Test
    void wrongTokensAreAskedForAgain() {
        sign("wrong");
        sign("boss-token");
        within(page.locator("#me")).hasText("token anna");
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
        within(page.locator("#health")).hasText(Pattern.compile("healthy, leader " + id + ".*"));
        within(page.locator("#member-rows tr:has(.role-leader) td").first()).hasText(id);
    }

    @Test
    void followsTheSchemeAndTheSwitch() {
        open(ColorScheme.DARK, 1280, 900);
        sign("boss-token");
        within(page.locator("html")).hasAttribute("data-theme", "dark");
        page.locator("#theme").click();
        within(page.locator("html")).hasAttribute("data-theme", "light");
    }

    @Test
    void fitsNarrowScreens() {
        long id = cache("orders", 3);
        assertThat(id).isPositive();
        open(ColorScheme.LIGHT, 360, 740);
        sign("boss-token");
        within(row("cache-rows", "orders").first()).isVisible();
        Object overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(((Number) overflow).intValue()).isLessThanOrEqualTo(0);
    }

    @Test
    void triesCallsFromTheDescription() {
        page.navigate(server.url() + "api");
        page.locator("#token").fill("boss-token");
        Locator status = page.locator("details", new Page.LocatorOptions().setHasText(Pattern.compile("/v1/status")));
        status.locator("summary").click();
        button(status, "Call").click();
        within(status.locator("pre")).hasText(Pattern.compile("(?s)200.*\"cluster\":\"concord\".*"));
    }

    /** Takes the pictures of the manual, with load so that the charts show something, if -Dconsole.pictures names a place. */
    @Test
    void takesPictures() throws Exception {
        if (PICTURES.isEmpty()) {
            return;
        }
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
            page.locator("#look-up [name=cache]").selectOption("orders");
            for (int i = 0; i < 12; i++) {
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
