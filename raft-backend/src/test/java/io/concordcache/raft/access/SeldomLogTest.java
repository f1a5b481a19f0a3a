package io.concordcache.raft.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.concordcache.raft.ratis.LogLines;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SeldomLogTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final SeldomLog log = log(1, Duration.ofSeconds(10));

    private SeldomLog log(int most, Duration pause) {
        return new SeldomLog(LoggerFactory.getLogger("seldom"), most, pause, now::get);
    }

    @Test
    void oneLineInTenSecondsAndTheOthersAreCounted() {
        try (LogLines lines = new LogLines("seldom")) {
            for (int i = 0; i < 5; i++) {
                log.warn("{} from {}", "junk", i);
            }
            now.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
            log.warn("{} from {}", "junk", 5);
            assertThat(lines.all()).containsExactly("junk from 0");
            now.incrementAndGet();
            log.warn("{} from {}", "junk", 6);
            log.warn("{} from {}", "junk", 7);
            assertThat(lines.all())
                    .containsExactly("junk from 0", "junk from 6 (and 5 more of this kind since the last such line)");
        }
    }

    @Test
    void severalLinesInTheirTime() {
        SeldomLog three = log(3, Duration.ofSeconds(1));
        assertThat(three.isDue()).isTrue();
        now.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(three.isDue() && three.isDue()).isTrue();
        assertThat(three.isDue() || three.isDue()).isFalse();
        now.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(three.isDue()).isTrue();
        assertThat(three.others()).contains("2 more");
        assertThat(three.isDue() && three.isDue()).isTrue();
        assertThat(three.isDue()).isFalse();
    }
}
