package io.concordcache.raft.config;

/**
 * A configuration that cannot be used. The message names the setting, its value, where it was found, what is
 * allowed and what to change; nothing was started when it is thrown.
 */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
