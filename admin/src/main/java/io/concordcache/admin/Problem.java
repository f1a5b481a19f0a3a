package io.concordcache.admin;

import io.concordcache.raft.store.OutcomeUnknownException;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** A request that is answered by a problem (RFC 9457). Has no stack trace: it is not for people who mend this program. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String TYPE = "application/problem+json";

    private final int status;
    private final String code;
    private final transient Map<String, String> headers;

    private Problem(int status, String code, String detail, Map<String, String> headers) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    /** @param code names the kind of problem, for programs */
    static Problem of(int status, String code, String detail) {
        return new Problem(status, code, detail, Map.of());
    }

    static Problem bad(String detail) {
        return of(400, "bad-request", detail);
    }

    static Problem notFound(String detail) {
        return of(404, "not-found", detail);
    }

    static Problem noToken() {
        return new Problem(
                401,
                "no-token",
                "this needs a token that is known here: Authorization: Bearer TOKEN",
                Map.of("WWW-Authenticate", "Bearer realm=\"concord\""));
    }

    static Problem wrongMethod(String allowed) {
        return new Problem(405, "wrong-method", "only " + allowed + " is possible here", Map.of("Allow", allowed));
    }

    static Problem of(StoreException failure) {
        String detail = String.valueOf(failure.getMessage());
        if (failure instanceof OutcomeUnknownException) {
            return of(504, "outcome-unknown", detail);
        }
        if (!(failure instanceof RequestRejectedException rejected)) {
            return new Problem(503, "unavailable", detail, Map.of("Retry-After", "1"));
        }
        String code = rejected.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return switch (rejected.reason()) {
            case KEY_TOO_LARGE, VALUE_TOO_LARGE, BATCH_TOO_LARGE -> of(413, code, detail);
            case NO_SUCH_CACHE -> of(404, code, detail);
            case NO_CLUSTER, TOO_MANY_CACHES -> of(409, code, detail);
            case UNAUTHENTICATED, FORBIDDEN -> of(403, code, detail);
            case NOT_UNDERSTOOD -> of(400, code, detail);
            case STORE_CLOSED -> of(503, code, detail);
        };
    }

    int status() {
        return status;
    }

    Answer answer(String instance) {
        byte[] body = Json.text(Json.object(
                        "type",
                        "urn:concord:problem:" + code,
                        "title",
                        code.replace('-', ' '),
                        "status",
                        status,
                        "detail",
                        getMessage(),
                        "instance",
                        instance))
                .getBytes(StandardCharsets.UTF_8);
        return new Answer(status, TYPE, body, headers);
    }
}
