package io.concordcache.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.config.SettingsLoader;
import io.concordcache.raft.ratis.StoreSettings;
import io.concordcache.raft.store.RequestRejectedException;
import io.concordcache.raft.store.StartException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NodesTest {
    private static final URI LOCAL = URI.create("concord:local?cluster.name=nodes");

    private static StoreSettings settings(String uri) {
        return new SettingsLoader(Map.of(), Map.of())
                .load(URI.create(uri), NodesTest.class.getClassLoader(), null)
                .node();
    }

    private static Nodes.Node open() {
        return Nodes.open(LOCAL, settings(LOCAL.toString()));
    }

    @Test
    void usersOfOneUriShareAStoreThatEndsWithTheLast() {
        Nodes.Node first = open();
        Nodes.Node second = open();
        assertThat(second.store()).isSameAs(first.store());
        first.close();
        assertThat(second.store().cache("none")).isNull();
        second.close();
        assertThatThrownBy(() -> second.store().cache("none")).isInstanceOf(RequestRejectedException.class);
        try (Nodes.Node anew = open()) {
            assertThat(anew.store()).isNotSameAs(first.store());
            assertThat(anew.store().cache("none")).isNull();
        }
    }

    @Test
    void usersShareOneInstanceOfATypeWhileTheStoreIsOpen() {
        CountDownLatch before;
        try (Nodes.Node first = open();
                Nodes.Node second = open()) {
            before = first.shared(CountDownLatch.class, () -> new CountDownLatch(1));
            assertThat(second.shared(CountDownLatch.class, () -> new CountDownLatch(2)))
                    .isSameAs(before);
            assertThat(second.shared(StringBuilder.class, StringBuilder::new)).isEmpty();
        }
        try (Nodes.Node anew = open()) {
            assertThat(anew.shared(CountDownLatch.class, () -> new CountDownLatch(1)))
                    .isNotSameAs(before);
        }
    }

    @Test
    void otherSettingsForAnOpenStoreAreRefusedAndCountAsNoUse() {
        Nodes.Node node = open();
        StoreSettings others = settings("concord:local?cluster.name=nodes&operation-timeout=7s");
        assertThatThrownBy(() -> Nodes.open(LOCAL, others))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the store of " + LOCAL + " is open in this JVM already, with other settings")
                .hasMessageContaining("PT7S");
        node.close();
        try (Nodes.Node anew = Nodes.open(LOCAL, others)) {
            assertThat(anew.store().cache("none")).isNull();
        }
    }

    @Test
    void aStoreThatDidNotStartLeavesNothingBehind(@TempDir Path temporary) throws IOException {
        Path directory = Files.createFile(temporary.resolve("data"));
        URI uri = URI.create("concord:local?durability=disk&directory=" + directory);
        assertThatThrownBy(() -> Nodes.open(uri, settings(uri.toString()))).isInstanceOf(StartException.class);
        Files.delete(directory);
        try (Nodes.Node node = Nodes.open(uri, settings(uri.toString()))) {
            assertThat(node.store().cache("none")).isNull();
        }
    }
}
