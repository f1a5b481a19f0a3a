package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.store.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ReunionTest {
    private static final List<Member> OTHERS = List.of(new Member("m2", "h2", 1), new Member("m3", "h3", 1));

    private final Set<String> away = new TreeSet<>();
    private final List<String> reconnected = new ArrayList<>();
    private final Reunion reunion = new Reunion(new Reunion.Links() {
        @Override
        public CompletableFuture<?> ask(Member other) {
            return away.contains(other.id())
                    ? CompletableFuture.failedFuture(new IllegalStateException("no answer"))
                    : CompletableFuture.completedFuture("here");
        }

        @Override
        public void reconnect(Member other) {
            reconnected.add(other.id());
        }
    });

    @Test
    void whoAlwaysAnswersKeepsItsConnection() {
        reunion.look(OTHERS);
        reunion.look(OTHERS);
        assertThat(reconnected).isEmpty();
    }

    @Test
    void whoAnswersAgainIsConnectedAnewOnce() {
        away.add("m2");
        reunion.look(OTHERS);
        reunion.look(OTHERS);
        assertThat(reconnected).isEmpty();
        away.clear();
        reunion.look(OTHERS);
        reunion.look(OTHERS);
        assertThat(reconnected).containsExactly("m2");
    }
}
