package io.concordcache.raft.config;

/**
 * One value as a source gave it, not yet looked at.
 *
 * @param key the setting's key, without the prefix that the source may demand
 * @param text the value; a list is joined with commas
 */
record RawValue(String key, String text, Origin origin) {
    RawValue {
        text = text.strip();
    }
}
