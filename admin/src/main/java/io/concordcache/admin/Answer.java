package io.concordcache.admin;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What is sent back. The bytes must not be changed any more. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(int status, String type, byte[] body, Map<String, String> headers) {
    private static final byte[] NOTHING = new byte[0];

    static final String JSON = "application/json";
    static final String BINARY = "application/octet-stream";
    static final String TEXT = "text/plain; charset=utf-8";

    static Answer json(int status, Object value) {
        return new Answer(status, JSON, Json.text(value).getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Answer json(Object value) {
        return json(200, value);
    }

    static Answer text(String type, String text) {
        return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Answer nothing() {
        return new Answer(204, "", NOTHING, Map.of());
    }

    Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, type, body, more);
    }
}
