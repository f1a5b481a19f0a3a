package io.concordcache.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SeldomLogTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final SeldomLog log = new SeldomLog(LoggerFactory.getLogger("seldom"), now::get);

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
}
