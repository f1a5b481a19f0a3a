package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.core.Bytes;
import io.concordcache.raft.core.CacheDefinition;
import io.concordcache.raft.core.Command;
import io.concordcache.raft.core.Condition;
import io.concordcache.raft.core.Entry;
import io.concordcache.raft.core.Expiry;
import io.concordcache.raft.core.Mutation;
import io.concordcache.raft.store.CacheStore;
import io.concordcache.raft.store.ReadLevel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClusterIT {
    static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String get(CacheStore store, long cache, String key, ReadLevel level) {
        Entry entry = store.get(cache, bytes(key), level);
        return entry == null ? "none" : new String(entry.value().unwrap(), StandardCharsets.UTF_8);
    }

    static void put(CacheStore store, long cache, String key, String value) {
        var unused = store.execute(
                new Command.Write(cache, bytes(key), Condition.ANY, new Mutation.Put(bytes(value), Expiry.BY_RULE)));
    }

    static long create(CacheStore store) {
        return store.execute(new Command.CreateCache(CacheDefinition.named("c")))
                .afterVersion();
    }

    @Test
    void anyMemberServesAnyCallAndSoDoesAClient() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(3)) {
            long cache = create(cluster.follower());
            try (RemoteStore client = RemoteStore.connect(RemoteSettings.of("concord", cluster.members()))) {
                List<CacheStore> all = List.of(cluster.store("m1"), cluster.store("m2"), cluster.store("m3"), client);
                for (int i = 0; i < 200; i++) {
                    put(all.get(i % 4), cache, "k", "v" + i);
                    for (CacheStore reader : all) {
                        assertThat(get(reader, cache, "k", ReadLevel.LINEARIZABLE))
                                .isEqualTo("v" + i);
                    }
                    assertThat(get(all.get(i % 4), cache, "k", ReadLevel.SESSION))
                            .isEqualTo("v" + i);
                }
                assertThat(client.admin().status().members()).hasSize(3);
            }
        }
    }
}
