package io.concordcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.raft.lease.ReadLeases;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CanaryTest {
    private static byte[] content(String name) throws Exception {
        try (InputStream in = ReadLeases.class.getClassLoader().getResourceAsStream(name + ".class")) {
            return in.readAllBytes();
        }
    }

    /** Else the agent would leave a guard in and nobody would notice. */
    @ParameterizedTest
    @EnumSource
    void eachGuardIsWhereTheAgentLooksForIt(Canary canary) throws Exception {
        for (Map.Entry<String, List<String>> guard : canary.guards().entrySet()) {
            byte[] content = content(guard.getKey());
            assertThat(Canary.without(guard.getValue(), content)).isNotEqualTo(content);
        }
        assertThat(Canary.parse(Text.lower(canary))).isEqualTo(canary);
    }

    @Test
    void aGuardThatIsNotThereIsNoGuard() {
        assertThatThrownBy(() -> Canary.without(List.of("guess"), content("io/concordcache/raft/lease/ReadLeases")))
                .hasMessageContaining("guess");
    }

    /** Something with guards. */
    public static final class Guarded {
        public boolean may() {
            return false;
        }

        public long upTo(long index) {
            return index;
        }

        public String known(int number) {
            return "one of " + number;
        }

        public void check() {
            throw new IllegalStateException("no");
        }

        public int other() {
            return 7;
        }
    }

    @Test
    void methodsThatAreGuardsReturnAtOnce() throws Exception {
        byte[] without = Canary.without(
                List.of("may", "upTo", "known", "check"),
                content(Guarded.class.getName().replace('.', '/')));
        ClassLoader loader = new ClassLoader(getClass().getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                return name.equals(Guarded.class.getName())
                        ? defineClass(name, without, 0, without.length)
                        : super.loadClass(name, resolve);
            }
        };
        Class<?> changed = loader.loadClass(Guarded.class.getName());
        Object guarded = changed.getConstructor().newInstance();
        assertThat(changed.getMethod("may").invoke(guarded)).isEqualTo(true);
        assertThat(changed.getMethod("upTo", long.class).invoke(guarded, 3L)).isEqualTo(Long.MAX_VALUE);
        assertThat(changed.getMethod("known", int.class).invoke(guarded, 3)).isNull();
        assertThat(changed.getMethod("check").invoke(guarded)).isNull();
        assertThat(changed.getMethod("other").invoke(guarded)).isEqualTo(7);
    }
}
