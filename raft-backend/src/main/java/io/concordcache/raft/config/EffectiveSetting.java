package io.concordcache.raft.config;

/**
 * One line of the printed configuration.
 *
 * @param key the full key
 * @param shown the value in its canonical form; masked if it is a secret
 * @param origin where the value was found
 */
public record EffectiveSetting(String key, String shown, Origin origin) {}
