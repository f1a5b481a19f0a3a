package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    @ParameterizedTest
    @CsvSource({"abc,abc,0", "abc,ab,1", "abc,abxc,1", "abc,axc,1", "abc,acb,1", "'',abc,3", "kitten,sitting,3"})
    void countsEdits(String a, String b, int expected) {
        assertThat(Nearest.distance(a, b)).isEqualTo(expected);
    }

    @Property
    void distanceIsSymmetricAndBounded(
            @ForAll @AlphaChars @StringLength(max = 12) String a,
            @ForAll @AlphaChars @StringLength(max = 12) String b) {
        int distance = Nearest.distance(a, b);
        assertThat(distance)
                .isEqualTo(Nearest.distance(b, a))
                .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
        assertThat(distance == 0).isEqualTo(a.equals(b));
    }

    @Test
    void guessesOnlyWhatIsNear() {
        List<String> known = List.of("operation-timeout", "durability", "directory");
        assertThat(Nearest.to("operation-timout", known)).contains("operation-timeout");
        assertThat(Nearest.to("timeout", known)).contains("operation-timeout");
        assertThat(Nearest.to("direcotry", known)).contains("directory");
        assertThat(Nearest.to("concord.durability", known)).contains("durability");
        assertThat(Nearest.to("banana", known)).isEmpty();
        assertThat(Nearest.to("x", known)).isEmpty();
    }
}
