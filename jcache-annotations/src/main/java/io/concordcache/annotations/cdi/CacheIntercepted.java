package io.concordcache.annotations.cdi;

import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Binds {@link CacheInterceptor}. The extensions put it at methods that the annotations of {@code javax.cache.annotation} are
 * about, since those are no bindings of Jakarta's interceptors themselves. Not for applications.
 */
@InterceptorBinding
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface CacheIntercepted {
    /** The annotation as an object. */
    final class Literal extends AnnotationLiteral<CacheIntercepted> implements CacheIntercepted {
        private static final long serialVersionUID = 1;

        /** The only one needed. */
        static final Literal INSTANCE = new Literal();

        private Literal() {}
    }
}
