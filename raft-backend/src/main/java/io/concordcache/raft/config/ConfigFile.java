package io.concordcache.raft.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads the configuration file: YAML, one document, a mapping of settings; nested mappings and dotted keys mean
 * the same.
 *
 * <p>Works on the parser's events and builds no objects: each value keeps its line, text such as {@code 1_000}
 * is not turned into something else first, and anchors, aliases and tags are refused where they stand, so that
 * a small file cannot unfold into a large one.
 */
final class ConfigFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 16;
    private static final Set<String> NOTHING = Set.of("", "~", "null");

    private final String file;
    private final Iterator<Event> events;
    private final Map<String, RawValue> values = new LinkedHashMap<>();

    private ConfigFile(String file, String text) {
        this.file = file;
        LoadSettings settings = LoadSettings.builder().setLabel(file).build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * Reads a file.
     *
     * @param path relative to the working directory of the JVM, or absolute
     */
    static List<RawValue> read(String path) {
        Path file;
        try {
            file = Path.of(path);
        } catch (InvalidPathException e) {
            throw new ConfigurationException("the configuration file " + Text.quote(path) + " is no legal path", e);
        }
        String shown = "the configuration file " + Text.quote(path);
        String absolute = " (" + file.toAbsolutePath() + ")";
        if (Files.isDirectory(file)) {
            throw new ConfigurationException(shown + absolute + " is a directory; name the file in it");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return parse(path, in.readNBytes(MAX_BYTES + 1));
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(shown + absolute + " does not exist; create it or correct the URI", e);
        } catch (AccessDeniedException e) {
            throw new ConfigurationException(shown + absolute + " may not be read by this process", e);
        } catch (IOException e) {
            throw new ConfigurationException(shown + absolute + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads a resource of the class path. */
    static List<RawValue> read(String resource, ClassLoader loader) {
        URL url = loader.getResource(resource);
        if (url == null) {
            throw new ConfigurationException("the configuration " + Text.quote(resource)
                    + " is not on the class path of the class loader " + loader
                    + "; add it, or hand over the class loader that has it");
        }
        try {
            return read("classpath:" + resource, url);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "the configuration " + Text.quote(resource) + " on the class path (" + url + ") cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Reads a file in an archive, {@code jar:file:/app.jar!/concord.yaml}. */
    static List<RawValue> readJar(String url) {
        try {
            return read(url, new URL(url));
        } catch (IOException e) {
            throw new ConfigurationException(
                    "the configuration file " + Text.quote(url) + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<RawValue> read(String shown, URL url) throws IOException {
        URLConnection connection = url.openConnection();
        // A cached jar would be served in its old state, or closed under somebody else's hands.
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            return parse(shown, in.readNBytes(MAX_BYTES + 1));
        }
    }

    static List<RawValue> parse(String file, byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new ConfigurationException(file + " is larger than 1MB and so no configuration; correct the URI");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new ConfigFile(file, text.startsWith("\uFEFF") ? text.substring(1) : text).document();
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(file + " is not UTF-8; save it in that encoding", e);
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark();
            throw new ConfigurationException(
                    place(file, mark) + ": this is not YAML: " + Text.line(String.valueOf(e.getProblem())), e);
        } catch (YamlEngineException e) {
            throw new ConfigurationException(Text.line(file + ": this is not YAML: " + e.getMessage()), e);
        }
    }

    private List<RawValue> document() {
        Event event = events.next();
        while (!(event instanceof DocumentStartEvent)) {
            if (event instanceof StreamEndEvent) {
                return List.of();
            }
            event = events.next();
        }
        Event root = events.next();
        if (root instanceof MappingStartEvent start) {
            refuseExtras(start);
            mapping("", 1);
        } else if (!(root instanceof ScalarEvent scalar && isNothing(scalar))) {
            throw problem(root, "the file must hold settings, such as durability: memory");
        }
        events.next();
        Event end = events.next();
        if (!(end instanceof StreamEndEvent)) {
            throw problem(end, "a second document begins; keep one");
        }
        return new ArrayList<>(values.values());
    }

    /** Whether there was anything in it. */
    private boolean mapping(String parent, int depth) {
        Map<String, Event> keys = new HashMap<>();
        for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
            if (event instanceof NodeEvent node) {
                refuseExtras(node);
            }
            if (!(event instanceof ScalarEvent key)) {
                throw problem(event, "a key must be plain text");
            }
            Event first = keys.putIfAbsent(key.getValue(), key);
            if (first != null) {
                throw problem(
                        key,
                        "the key " + Text.quote(key.getValue()) + " stands also in line " + line(first) + "; keep one");
            }
            value(parent.isEmpty() ? key.getValue() : parent + "." + key.getValue(), key, depth);
        }
        return !keys.isEmpty();
    }

    private void value(String path, ScalarEvent key, int depth) {
        Event event = events.next();
        if (event instanceof NodeEvent node) {
            refuseExtras(node);
        }
        Setting<?> setting = SettingTable.find(path);
        if (event instanceof ScalarEvent scalar) {
            if (!isNothing(scalar)) {
                add(path, scalar.getValue(), key);
            } else if (setting != null || !SettingTable.isSection(path)) {
                refuseUnknown(setting, path, key);
                throw problem(key, path + " has no value; give it one or remove the line");
            }
        } else if (event instanceof MappingStartEvent) {
            if (setting != null) {
                throw problem(key, path + " takes a value, but here is a section; write " + forms(setting));
            }
            if (depth == MAX_DEPTH) {
                throw problem(key, "the sections are nested too deeply");
            }
            if (!mapping(path, depth + 1) && !path.startsWith(SettingTable.CACHES) && !SettingTable.isSection(path)) {
                refuseUnknown(null, path, key);
            }
        } else {
            refuseUnknown(setting, path, key);
            if (setting != null && !setting.type().list()) {
                throw problem(key, path + " takes one value, but here is a list; write " + forms(setting));
            }
            add(path, sequence(path), key);
        }
    }

    private String sequence(String path) {
        List<String> items = new ArrayList<>();
        for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
            if (event instanceof NodeEvent node) {
                refuseExtras(node);
            }
            if (!(event instanceof ScalarEvent item) || isNothing(item)) {
                throw problem(event, "an item of the list " + path + " must be plain text");
            }
            items.add(item.getValue());
        }
        return String.join(",", items);
    }

    private void add(String path, String text, ScalarEvent key) {
        RawValue value = new RawValue(path, text, Origin.file(file, line(key)));
        RawValue first = values.putIfAbsent(path, value);
        if (first != null) {
            throw problem(key, path + " is given also at " + first.origin() + "; keep one");
        }
    }

    private void refuseUnknown(@Nullable Setting<?> setting, String path, ScalarEvent key) {
        if (setting == null) {
            throw SettingsLoader.unknown(path, Origin.file(file, line(key)));
        }
    }

    private void refuseExtras(NodeEvent node) {
        if (node instanceof AliasEvent || node.getAnchor().isPresent()) {
            String name = node.getAnchor().map(Anchor::getValue).orElse("");
            throw problem(node, "anchors and aliases are not allowed (" + Text.quote(name) + "); write the value out");
        }
        Optional<String> tag = Optional.empty();
        if (node instanceof ScalarEvent scalar) {
            tag = scalar.getTag();
        } else if (node instanceof CollectionStartEvent start) {
            tag = start.getTag();
        }
        if (tag.isPresent()) {
            throw problem(node, "tags are not allowed (" + Text.quote(tag.get()) + "); write the plain value");
        }
    }

    private static boolean isNothing(ScalarEvent scalar) {
        return scalar.isPlain() && NOTHING.contains(scalar.getValue());
    }

    private static String forms(Setting<?> setting) {
        return setting.type().forms();
    }

    private static int line(Event event) {
        return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static String place(String file, Optional<Mark> mark) {
        return mark.map(m -> file + ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                .orElse(file);
    }

    private ConfigurationException problem(Event event, String text) {
        return new ConfigurationException(place(file, event.getStartMark()) + ": " + text);
    }
}
