package io.concordcache.admin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be asked for.
 *
 * @param path {@code /v1/caches/{cache}}, for example
 * @param need what the caller must be allowed to do
 * @param audited whether the audit log hears of it
 * @param parameters those that may follow the question mark
 */
record Route(String method, String path, Need need, boolean audited, Set<String> parameters, Handler handler) {

    interface Handler {
        Answer answer(Request request) throws IOException;
    }

    static Route open(String path, Handler handler) {
        return new Route("GET", path, Need.NONE, false, Set.of(), handler);
    }

    static Route any(String path, Handler handler) {
        return new Route("GET", path, Need.ANY, false, Set.of(), handler);
    }

    static Route read(String method, String path, Handler handler, String... parameters) {
        return new Route(method, path, Need.READ, false, Set.of(parameters), handler);
    }

    static Route write(String method, String path, Handler handler, String... parameters) {
        return new Route(method, path, Need.WRITE, false, Set.of(parameters), handler);
    }

    static Route admin(String method, String path, Handler handler) {
        return new Route(method, path, Need.ADMIN, true, Set.of(), handler);
    }

    static Route cluster(String method, String path, Handler handler) {
        return new Route(method, path, Need.CLUSTER, true, Set.of(), handler);
    }

    Route withAudit() {
        return new Route(method, path, need, true, parameters, handler);
    }

    /** The named parts if the path fits, else null. */
    @Nullable
    Map<String, String> match(List<String> segments) {
        String[] parts = path.substring(1).split("/", -1);
        if (parts.length != segments.size()) {
            return null;
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (part.startsWith("{")) {
                named.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return null;
            }
        }
        return named;
    }
}
