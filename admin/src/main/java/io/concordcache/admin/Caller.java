package io.concordcache.admin;

/**
 * Who calls.
 *
 * @param name for the audit log
 */
public record Caller(String name, Role role) {}
