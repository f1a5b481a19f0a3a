package io.concordcache.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The console, the page to try calls, and the description of the API: files of this package and nothing else. */
final class Pages {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private Pages() {}

    static List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        add(routes, "/", "console.html", HTML);
        add(routes, "/console.js", "console.js", SCRIPT);
        add(routes, "/console.css", "console.css", "text/css; charset=utf-8");
        add(routes, "/icon.svg", "icon.svg", "image/svg+xml");
        add(routes, "/api", "api.html", HTML);
        add(routes, "/api.js", "api.js", SCRIPT);
        add(routes, "/openapi.json", "openapi.json", Answer.JSON);
        return routes;
    }

    private static void add(List<Route> routes, String path, String file, String type) {
        Answer page = new Answer(200, type, read(file), Map.of("Cache-Control", "no-cache"));
        routes.add(Route.open(path, request -> page));
    }

    private static byte[] read(String file) {
        try (InputStream in = Pages.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + file);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
