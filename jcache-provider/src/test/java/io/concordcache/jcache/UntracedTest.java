package io.concordcache.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import javax.cache.configuration.MutableConfiguration;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** Where nobody traces, the virtual machine knows of no class but one to call for a cache. */
class UntracedTest extends JCacheFixture {
    @Test
    void theTracedCacheIsNeverLoaded() throws Exception {
        var cache = manager.createCache(name, new MutableConfiguration<String, String>());
        cache.put("a", "1");
        assertThat(cache.get("a")).isEqualTo("1");
        assertThat(cache.getClass()).isEqualTo(ConcordCache.class);

        Object known = ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "vmClassHierarchy",
                        new Object[] {new String[] {"-s", ConcordCache.class.getName()}},
                        new String[] {String[].class.getName()});
        assertThat(String.valueOf(known)).contains(ConcordCache.class.getName()).doesNotContain("TracedCache");
    }
}
