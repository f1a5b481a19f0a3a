package io.concordcache.annotations;

import java.util.List;

/**
 * The rules for exceptions that all annotations share: two lists, and what none of them means.
 *
 * @param included if not empty, only these
 * @param excluded never these
 * @param ifBothEmpty whether an exception counts when nothing is listed
 */
record ExceptionFilter(
        List<Class<? extends Throwable>> included, List<Class<? extends Throwable>> excluded, boolean ifBothEmpty) {
    boolean accepts(Throwable exception) {
        if (included.isEmpty() && excluded.isEmpty()) {
            return ifBothEmpty;
        }
        return (included.isEmpty() || included.stream().anyMatch(each -> each.isInstance(exception)))
                && excluded.stream().noneMatch(each -> each.isInstance(exception));
    }
}
