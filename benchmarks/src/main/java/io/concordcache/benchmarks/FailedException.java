package io.concordcache.benchmarks;

/** A system could not do what it was told. */
final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
        super(message);
    }
}
