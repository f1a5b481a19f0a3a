package io.concordcache.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.concordcache.metrics.ConcordMetrics;
import io.concordcache.raft.access.Access;
import io.concordcache.raft.access.AuditLog;
import io.concordcache.raft.access.Escaped;
import io.concordcache.raft.access.SeldomLog;
import io.concordcache.raft.access.Token;
import io.concordcache.raft.access.Who;
import io.concordcache.raft.core.Needs;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StartException;
import io.concordcache.raft.store.StoreException;
import io.concordcache.raft.tls.FileWatch;
import io.concordcache.raft.tls.Peer;
import io.concordcache.raft.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port of a member: an API over HTTP, health, metrics and the console; {@code docs/admin.md} says how they are used.
 * Thread-safe. Answers on threads of its own, {@value #THREADS} at most; requests that do not come whole within {@value
 * #REQUEST_SECONDS} s, and answers that are not taken within {@value #ANSWER_SECONDS} s, end with their connection.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int THREADS = 32;
    private static final int CONNECTIONS = 200;
    private static final int REQUEST_SECONDS = 30;
    /** Longer than it takes to add a member. */
    private static final int ANSWER_SECONDS = 120;

    private static final int IDLE_SECONDS = 30;
    /** So many a second are told one by one. */
    private static final int REFUSALS = 20;

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static {
        // The JDK's server has its limits for the whole JVM, and takes them from here alone.
        limit("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
        limit("sun.net.httpserver.maxRspTime", ANSWER_SECONDS);
        limit("sun.net.httpserver.idleInterval", IDLE_SECONDS);
        limit("jdk.httpserver.maxConnections", CONNECTIONS);
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, String.valueOf(value));
        }
    }

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    private final @Nullable Tls tls;
    private final @Nullable Access access;
    private final @Nullable ScheduledExecutorService accessTimer;
    private final SeldomLog refusals =
            new SeldomLog(LoggerFactory.getLogger(AuditLog.NAME), REFUSALS, Duration.ofSeconds(1));
    private final int maxBody;
    private final MetricsRoutes metrics;
    private final List<Route> routes = new ArrayList<>();

    /**
     * Opens the port.
     *
     * @param store of the member, which is not closed with the port
     * @throws StartException if the port is taken, or a file that the settings name is not as it should be
     */
    public static AdminServer start(CacheStore store, AdminSettings settings) {
        Access access = settings.accessFile() == null ? null : Access.open(settings.accessFile());
        Tls tls = settings.tls() == null ? null : Tls.open(settings.tls());
        try {
            return new AdminServer(store, settings, access, tls);
        } catch (IOException e) {
            if (tls != null) {
                tls.close();
            }
            InetSocketAddress at = settings.address();
            throw new StartException(
                    "the admin port cannot listen on " + at.getHostString() + ":" + at.getPort() + " (" + e.getMessage()
                            + "); choose another, or end what has it",
                    e);
        }
    }

    private AdminServer(CacheStore store, AdminSettings settings, @Nullable Access access, @Nullable Tls tls)
            throws IOException {
        this.tls = tls;
        this.access = access;
        this.maxBody = settings.maxBody();
        server = tls == null ? HttpServer.create(settings.address(), 0) : secured(settings.address(), tls);
        AtomicInteger number = new AtomicInteger();
        executor = new ThreadPoolExecutor(THREADS, THREADS, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "concord-admin-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
        server.setExecutor(executor);
        metrics = new MetricsRoutes(new ConcordMetrics(store));
        routes.addAll(Pages.routes());
        routes.addAll(new ClusterRoutes(store).routes());
        routes.addAll(new CacheRoutes(store).routes());
        routes.addAll(new EntryRoutes(store).routes());
        routes.addAll(new BulkRoutes(store).routes());
        routes.addAll(metrics.routes());
        server.createContext("/", this::handle);
        server.start();
        accessTimer = access == null ? null : FileWatch.looking("concord-admin-access", access::look);
    }

    private static HttpsServer secured(InetSocketAddress address, Tls tls) throws IOException {
        HttpsServer server = HttpsServer.create(address, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(new ReloadedContext(tls)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters all = tls.context().getDefaultSSLParameters();
                all.setProtocols(Tls.PROTOCOLS.toArray(new String[0]));
                if (tls.demandsClientCertificate()) {
                    all.setNeedClientAuth(true);
                } else {
                    all.setWantClientAuth(true);
                }
                parameters.setSSLParameters(all);
            }
        });
        return server;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Where the console is, for people. */
    public String url() {
        String host = address().getAddress().getHostAddress();
        return (tls == null ? "http://" : "https://") + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + address().getPort() + "/";
    }

    List<Route> routes() {
        return routes;
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            send(exchange, answer(exchange));
        } catch (IOException e) {
            LOG.debug("a caller went away", e);
        }
    }

    private Answer answer(HttpExchange exchange) {
        String path = exchange.getRequestURI().getRawPath();
        try {
            return found(exchange, path);
        } catch (Problem e) {
            return e.answer(path);
        } catch (StoreException e) {
            return Problem.of(e).answer(path);
        } catch (IllegalArgumentException e) {
            return Problem.bad(String.valueOf(e.getMessage())).answer(path);
        } catch (IOException e) {
            return Problem.bad("the body did not come whole").answer(path);
        } catch (RuntimeException | Error e) {
            LOG.error("{} {} failed", exchange.getRequestMethod(), Escaped.of(path), e);
            return Problem.of(500, "failed", "this failed; the log of the server says why")
                    .answer(path);
        }
    }

    private Answer found(HttpExchange exchange, String path) throws IOException {
        checkOrigin(exchange);
        List<String> segments = Request.segments(path);
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        Set<String> allowed = new LinkedHashSet<>();
        for (Route route : routes) {
            Map<String, String> parts = route.match(segments);
            if (parts != null && route.method().equals(method)) {
                return called(exchange, route, parts);
            }
            if (parts != null) {
                allowed.add(route.method());
            }
        }
        require(exchange, caller(exchange), Needs::anyRole); // nobody else is told what there is
        throw allowed.isEmpty()
                ? Problem.notFound("there is nothing here; /openapi.json tells what there is")
                : Problem.wrongMethod(String.join(", ", allowed));
    }

    private Answer called(HttpExchange exchange, Route route, Map<String, String> parts) throws IOException {
        Caller caller = caller(exchange);
        require(exchange, caller, needs -> route.need().tell(needs, parts.get("cache")));
        Request request = null;
        String result = "failed";
        try {
            request = new Request(exchange, maxBody, caller, parts, query(exchange, route));
            Answer answer = route.handler().answer(request);
            result = "done";
            return answer;
        } catch (IOException | RuntimeException e) {
            result = "failed: " + e.getMessage();
            throw e;
        } finally {
            if (route.audited()) {
                String note = request == null ? "" : " " + request.note();
                AuditLog.tell(caller.name(), from(exchange), (what(exchange) + note).strip(), result);
            }
        }
    }

    private void require(HttpExchange exchange, Caller caller, Consumer<Needs> asked) {
        try {
            caller.require(asked);
        } catch (RequestRejectedException e) {
            tellRefused(exchange, caller.name(), e);
            throw caller.granted().isEmpty() ? Problem.unauthenticated(String.valueOf(e.getMessage())) : e;
        }
    }

    private static Map<String, String> query(HttpExchange exchange, Route route) {
        Map<String, String> query = Request.parameters(exchange.getRequestURI().getRawQuery());
        for (String name : query.keySet()) {
            if (!route.parameters().contains(name)) {
                throw Problem.bad("there is no parameter '" + name + "' here; the parameters are "
                        + route.parameters().stream().sorted().toList());
            }
        }
        return query;
    }

    private Caller caller(HttpExchange exchange) {
        Peer peer = exchange instanceof HttpsExchange secured ? Peer.of(secured.getSSLSession()) : Peer.NOBODY;
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        String[] parts = header == null ? new String[0] : header.strip().split("\\s+", 2);
        Token token = parts.length == 2 && parts[0].equalsIgnoreCase("Bearer") ? Token.of(parts[1]) : null;
        return new Caller(new Who(peer, token), access == null ? null : access.grants());
    }

    /**
     * Pages of others in a browser on this machine reach the port too. Without roles only what is addressed to this machine by
     * its own name is answered, so that no name of theirs leads here; and nothing is changed for a page of another origin.
     */
    private void checkOrigin(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        String host = headers.getFirst("Host");
        if (access == null && !isOwn(host)) {
            throw refused(
                    exchange,
                    Problem.of(403, "wrong-host", "without access.file this is served under its own address alone"));
        }
        boolean changes = !Set.of("GET", "HEAD").contains(exchange.getRequestMethod());
        String origin = headers.getFirst("Origin");
        boolean foreign = (origin != null && !origin.equals((tls == null ? "http://" : "https://") + host))
                || "cross-site".equals(headers.getFirst("Sec-Fetch-Site"));
        if (changes && foreign) {
            throw refused(exchange, Problem.of(403, "wrong-origin", "a page of another origin may not do this"));
        }
    }

    private boolean isOwn(@Nullable String host) {
        if (host == null) {
            return true; // no browser
        }
        try {
            String name = URI.create("http://" + host).getHost();
            String own = address().getAddress().getHostAddress();
            return name != null
                    && (name.equals("localhost")
                            || name.equals(own)
                            || name.equals("[" + own + "]")
                            || name.equals("[::1]")
                            || name.matches("127(\\.\\d{1,3}){3}"));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Problem refused(HttpExchange exchange, Problem why) {
        tellRefused(exchange, "anybody", why);
        return why;
    }

    private void tellRefused(HttpExchange exchange, String who, RuntimeException why) {
        if (refusals.isDue()) {
            AuditLog.tell(who, from(exchange), what(exchange), "failed: " + why.getMessage() + refusals.others());
        }
    }

    private static String from(HttpExchange exchange) {
        return exchange.getRemoteAddress().toString();
    }

    private static String what(HttpExchange exchange) {
        return exchange.getRequestMethod() + " " + exchange.getRequestURI();
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Content-Security-Policy", POLICY);
        headers.set("Cache-Control", "no-store");
        if (!answer.type().isEmpty()) {
            headers.set("Content-Type", answer.type());
        }
        answer.headers().forEach(headers::set);
        boolean bare = exchange.getRequestMethod().equals("HEAD") || answer.status() == 204 || answer.status() == 304;
        if (bare || answer.body().length == 0) {
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status(), answer.body().length);
        exchange.getResponseBody().write(answer.body());
        exchange.getResponseBody().close();
    }

    /** Closes the port; requests under way end. */
    @Override
    public void close() {
        server.stop(0);
        if (accessTimer != null) {
            accessTimer.shutdownNow();
        }
        executor.shutdownNow();
        metrics.close();
        if (tls != null) {
            tls.close();
        }
    }
}
