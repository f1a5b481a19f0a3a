package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c1",
                "new cache",
                "pkg.Class.method(java.lang.String,int)",
                "pkg.Outer$Inner",
                "a:b=c,d",
                "a/b\\c",
                "*",
                "\"quoted\"",
                "größe",
                "\uD83D\uDE00"
            })
    void acceptsWhatBreaksNothing(String name) {
        assertThat(CacheNames.check(name)).isSameAs(name);
    }

    @Test
    void refusesNull() {
        assertThatNullPointerException().isThrownBy(() -> CacheNames.check(null));
    }

    @Test
    void refusesTheEmptyName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheNames.check(""))
                .withMessageContaining("empty");
    }

    @Test
    void showsTheCharacterAndItsPosition() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheNames.check("ab\ncd"))
                .withMessageContaining("'ab\\ncd'")
                .withMessageContaining("character \\n at position 2")
                .withMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\r", "\t", "a\u001Bb", "\u007F", "\u0085", "\u2028", "\uD83D", "\uDE00x"})
    void refusesControlCharactersAndTheLike(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheNames.check(name))
                .withMessageContaining("\\");
    }

    @Test
    void countsBytesNotCharacters() {
        String longest = "ü".repeat(127) + "x";
        assertThat(CacheNames.check(longest)).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheNames.check(longest + "x"))
                .withMessageContaining("256 bytes")
                .withMessageContaining("at most 255");
    }
}
