package io.concordcache.raft.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterTest {
    private static Register of(long... valueBeganEnded) {
        Register register = new Register();
        for (int i = 0; i < valueBeganEnded.length; i += 3) {
            register.saw(valueBeganEnded[i], valueBeganEnded[i + 1], valueBeganEnded[i + 2]);
        }
        return Register.parse(register.toString());
    }

    @Test
    void aReadMaySeeWhatIsWrittenMeanwhile() {
        assertThat(Register.violations(List.of(of(1, 0, 10, 2, 20, 40), of(1, 5, 12, 1, 30, 33, 2, 34, 35))))
                .isEmpty();
    }

    @Test
    void aReadMustSeeWhatWasWrittenBefore() {
        assertThat(Register.violations(List.of(of(1, 0, 10, 2, 20, 40), of(1, 41, 42))))
                .hasSize(1);
    }

    @Test
    void aReadMustSeeWhatAnotherReadSawBefore() {
        assertThat(Register.violations(List.of(of(1, 0, 10), of(2, 20, 25), of(1, 26, 30))))
                .hasSize(1);
    }

    @Test
    void theLastOfARunIsBound() {
        assertThat(Register.violations(List.of(of(2, 10, 20), of(1, 5, 6, 1, 7, 8, 1, 30, 31))))
                .hasSize(1);
    }
}
