package io.concordcache.raft.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.node.Nodes;
import io.concordcache.raft.store.CacheStore;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What whoever looks by JMX sees of the stores of this JVM. */
@Timeout(60)
class StoreBeanTest {
    private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

    private static Nodes.Node open(String uri) {
        return Nodes.open(
                URI.create(uri),
                new SettingsLoader(Map.of(), Map.of())
                        .load(URI.create(uri), StoreBeanTest.class.getClassLoader(), null)
                        .node());
    }

    private static Set<ObjectName> shown(String cluster) throws Exception {
        return BEANS.queryNames(new ObjectName("io.concordcache:type=Store,cluster=\"" + cluster + "\",*"), null);
    }

    @Test
    void aStoreIsShownUntilItsLastUserEnds() throws Exception {
        try (Nodes.Node node = open("concord:local?cluster.name=beans")) {
            CacheStore store = node.store();
            long cache = store.execute(new Command.CreateCache(CacheDefinition.named("orders")))
                    .afterVersion();
            Bytes key = Bytes.wrap(new byte[] {1});
            Bytes value = Bytes.wrap(new byte[] {2, 3});
            assertThat(store.execute(new Command.Write(
                                    cache, key, Condition.ANY, new Mutation.Put(value, Expiry.ETERNAL)))
                            .held())
                    .isTrue();
            ObjectName name = shown("beans").iterator().next();
            assertThat(name.getKeyProperty("id")).isEqualTo("\"member\"");
            StoreMXBean bean = JMX.newMXBeanProxy(BEANS, name, StoreMXBean.class);
            assertThat(bean.getCluster()).isEqualTo("beans");
            assertThat(bean.getRole()).isEqualTo("LEADER");
            assertThat(bean.isServing()).isTrue();
            assertThat(bean.getProblem()).isNull();
            assertThat(bean.getElections()).isEqualTo(1);
            assertThat(bean.getAppliedIndex()).isPositive();
            assertThat(bean.getEntriesOfCaches()).isEqualTo(Map.of("orders", 1L));
            assertThat(bean.getBytesOfCaches()).isEqualTo(Map.of("orders", 3L));
        }
        assertThat(shown("beans")).isEmpty();
    }

    @Test
    void eachAttributeCanBeRead() throws Exception {
        try (Nodes.Node node = open("concord:local?cluster.name=attributes")) {
            assertThat(node.store()).isNotNull();
            ObjectName name = shown("attributes").iterator().next();
            String[] attributes = Arrays.stream(BEANS.getMBeanInfo(name).getAttributes())
                    .map(MBeanAttributeInfo::getName)
                    .toArray(String[]::new);
            assertThat(BEANS.getAttributes(name, attributes)).hasSameSizeAs(attributes);
        }
    }

    @Test
    void twoOfOneNameAreBothShown() throws Exception {
        try (Nodes.Node first = open("concord:local?cluster.name=twice&limits.caches=10");
                Nodes.Node second = open("concord:local?cluster.name=twice&limits.caches=11")) {
            assertThat(first.store()).isNotSameAs(second.store());
            assertThat(shown("twice")).hasSize(2);
        }
        assertThat(shown("twice")).isEmpty();
    }
}
