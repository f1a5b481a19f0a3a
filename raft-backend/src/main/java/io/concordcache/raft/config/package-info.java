/**
 * The configuration: strings from a file, a URI, the environment, system properties and {@code Properties},
 * parsed once into the immutable {@link io.concordcache.raft.config.ConcordSettings}.
 *
 * <p>{@link io.concordcache.raft.config.SettingsLoader} is the only way in. Every setting is one line of
 * {@code SettingTable}; parsing, ranges, error messages, the printed configuration and
 * {@code docs/settings.md} derive from that table, so that none can say something else than the others.
 * Nothing is accepted and ignored: an unknown key, a repeated key or a value out of range is a
 * {@link io.concordcache.raft.config.ConfigurationException} that names where it came from.
 *
 * <p>What opens a store, JCache or Hibernate, takes its settings from here, so that the same URI means the same to both.
 * Depends on the port, {@code marshal}, the settings of {@code ratis}, and SnakeYAML Engine, the last only from
 * {@code ConfigFile}. Nothing here starts a node or knows Ratis.
 */
@NullMarked
package io.concordcache.raft.config;

import org.jspecify.annotations.NullMarked;
