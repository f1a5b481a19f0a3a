package io.concordcache.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request, read and decoded as far as it is asked for. */
final class Request {
    private final HttpExchange exchange;
    private final int maxBody;
    private final Caller caller;
    private final Map<String, String> path;
    private final Map<String, String> query;
    private String note = "";

    Request(HttpExchange exchange, int maxBody, Caller caller, Map<String, String> path, Map<String, String> query) {
        this.exchange = exchange;
        this.maxBody = maxBody;
        this.caller = caller;
        this.path = path;
        this.query = query;
    }

    Caller caller() {
        return caller;
    }

    /** What the audit log should tell of the body. */
    void note(@Nullable String text) {
        note = text == null ? "" : text;
    }

    String note() {
        return note;
    }

    /** A part of the path that the route names. */
    String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException("the route has no " + name);
        }
        return value;
    }

    @Nullable
    String query(String name) {
        return query.get(name);
    }

    @Nullable
    String header(String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    /** The type of the body without parameters, in lower case; empty if it is not said. */
    String mediaType() {
        String type = header("Content-Type");
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** The whole body, which must be JSON by its type. */
    byte[] jsonBody() throws IOException {
        if (!mediaType().equals(Answer.JSON)) {
            throw Problem.of(415, "wrong-media-type", "the body must be " + Answer.JSON);
        }
        return body();
    }

    /** The whole body; waits for it. */
    byte[] body() throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] body = declared() > maxBody ? new byte[0] : in.readNBytes(maxBody);
        if (declared() > maxBody || in.read() >= 0) {
            if (declared() <= 2L * maxBody) {
                drain(in);
            }
            throw Problem.of(413, "body-too-large", "the body is larger than " + maxBody + " bytes");
        }
        return body;
    }

    /** So that a sender who is in the midst of it gets to see the answer. */
    private void drain(InputStream in) throws IOException {
        byte[] piece = new byte[1 << 13];
        for (long left = maxBody; left > 0; ) {
            int count = in.read(piece);
            if (count < 0) {
                return;
            }
            left -= count;
        }
    }

    private long declared() {
        String length = header("Content-Length");
        try {
            return length == null ? 0 : Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            throw Problem.bad("the length of the body is no number");
        }
    }

    /** The parts between the slashes. */
    static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        for (String segment : rawPath.substring(1).split("/", -1)) {
            segments.add(decode(segment, false));
        }
        return segments;
    }

    /** Parameters; each may be given once. */
    static Map<String, String> parameters(@Nullable String rawQuery) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (rawQuery == null || rawQuery.isEmpty()) {
            return parameters;
        }
        for (String each : rawQuery.split("&", -1)) {
            String[] parts = each.split("=", 2);
            String value = parts.length == 2 ? decode(parts[1], true) : "";
            if (parameters.put(decode(parts[0], true), value) != null) {
                throw Problem.bad("the parameter '" + decode(parts[0], true) + "' is given twice");
            }
        }
        return parameters;
    }

    private static String decode(String text, boolean plusIsBlank) {
        byte[] bytes = new byte[text.length() * 3];
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length()
                        || Character.digit(text.charAt(i + 1), 16) < 0
                        || Character.digit(text.charAt(i + 2), 16) < 0) {
                    throw Problem.bad("the address has a % that is followed by no two hex digits");
                }
                bytes[count++] = (byte) Integer.parseInt(text.substring(i + 1, i + 3), 16);
                i += 2;
            } else {
                byte[] utf8 = String.valueOf(c == '+' && plusIsBlank ? ' ' : c).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(utf8, 0, bytes, count, utf8.length);
                count += utf8.length;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, count))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.bad("the address is not UTF-8");
        }
    }
}
