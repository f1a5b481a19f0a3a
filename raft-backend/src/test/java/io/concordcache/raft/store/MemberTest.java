package io.concordcache.raft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemberTest {
    @ParameterizedTest
    @CsvSource({
        "a:7800, a:7800, a, 7800",
        "one=10.0.0.1:1, one, 10.0.0.1, 1",
        "[::1]:65535, [::1]:65535, ::1, 65535",
        "x=[fe80::1]:5, x, fe80::1, 5"
    })
    void readsWhatItWrites(String text, String id, String host, int port) {
        assertThat(Member.parse(text)).isEqualTo(new Member(id, host, port)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", ":1", "a:", "a:0", "a:65536", "a:x", "a b:1", "=a:1", "x=", "a:1/x", "::1:5", "x y=a:1"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Member.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
