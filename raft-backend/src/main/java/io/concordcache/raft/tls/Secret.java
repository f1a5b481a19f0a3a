package io.concordcache.raft.tls;

/**
 * A password, which is never printed.
 *
 * @param value the password itself
 */
public record Secret(String value) {
    @Override
    public String toString() {
        return "********";
    }
}
