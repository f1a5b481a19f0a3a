package io.concordcache.admin;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import io.concordcache.raft.access.Escaped;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON (RFC 8259), read strictly. */
final class Json {
    private static final Gson GSON = new GsonBuilder()
            .serializeNulls()
            .disableHtmlEscaping()
            .setStrictness(Strictness.STRICT)
            .create();

    private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

    private Json() {}

    /** An object from names and values in turn; values are texts, numbers, booleans, null, lists and maps of these. */
    static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return object;
    }

    static String text(Object value) {
        return GSON.toJson(value);
    }

    static JsonElement parse(byte[] body) {
        try {
            JsonElement parsed = GSON.fromJson(utf8(body), JsonElement.class);
            if (parsed == null) {
                throw Problem.bad("the body is empty; it must be JSON");
            }
            return parsed;
        } catch (JsonParseException | NumberFormatException e) {
            throw Problem.bad("the body is no JSON: " + reason(e));
        }
    }

    /** Of Gson's messages, which are for those who program with it, only the place is for the caller. */
    private static String reason(RuntimeException e) {
        Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
        return place.find() ? "look at " + place.group() : "it cannot be read";
    }

    /** An object with these fields at most. */
    static JsonObject object(byte[] body, Set<String> known) {
        JsonElement parsed = parse(body);
        if (!parsed.isJsonObject()) {
            throw Problem.bad("the body must be a JSON object");
        }
        return known(parsed.getAsJsonObject(), known);
    }

    static JsonObject known(JsonObject object, Set<String> known) {
        for (String name : object.keySet()) {
            if (!known.contains(name)) {
                throw Problem.bad("there is no field '" + name + "' here; the fields are "
                        + known.stream().sorted().toList());
            }
        }
        return object;
    }

    /** A text that must be there. */
    static String string(JsonObject object, String name) {
        String value = optional(object, name);
        if (value == null) {
            throw Problem.bad("the field '" + name + "' is missing");
        }
        return value;
    }

    static @Nullable String optional(JsonObject object, String name) {
        JsonElement value = object.get(name);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw Problem.bad("the field '" + name + "' must be a text");
        }
        return value.getAsString();
    }

    static @Nullable Long number(JsonObject object, String name) {
        JsonElement value = object.get(name);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (value.isJsonPrimitive() && simple(value.getAsJsonPrimitive()) instanceof Long whole) {
            return whole;
        }
        throw Problem.bad("the field '" + name + "' must be a whole number");
    }

    static List<JsonElement> list(JsonObject object, String name, int max) {
        JsonElement value = object.get(name);
        if (value == null || !value.isJsonArray()) {
            throw Problem.bad("the field '" + name + "' must be a list");
        }
        if (value.getAsJsonArray().size() > max) {
            throw Problem.bad("the list '" + name + "' has "
                    + value.getAsJsonArray().size() + " elements; at most " + max + " are allowed in one call");
        }
        return new ArrayList<>(value.getAsJsonArray().asList());
    }

    /** A text, a whole number, another number, or a boolean, as Java has it. */
    static Object simple(JsonPrimitive value) {
        if (value.isString()) {
            return value.getAsString();
        }
        if (value.isBoolean()) {
            return value.getAsBoolean();
        }
        String text = value.getAsString();
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            double real = Double.parseDouble(text);
            if (Double.isInfinite(real)) {
                throw Problem.bad("the number " + Escaped.of(text) + " is too large");
            }
            return real;
        }
    }

    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.bad("the body is not UTF-8");
        }
    }
}
