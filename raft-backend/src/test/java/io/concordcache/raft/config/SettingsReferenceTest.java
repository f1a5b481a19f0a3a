package io.concordcache.raft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "settings.md");
    private static final String COMMAND = "mvn -pl raft-backend test -Dtest=SettingsReferenceTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dsettings.reference.write=true";

    @Test
    void thePageSaysWhatTheTableSays() throws IOException {
        if (Boolean.getBoolean("settings.reference.write")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, SettingsReference.markdown());
        }
        assertThat(PAGE)
                .as("docs/settings.md is generated; write it anew by: " + COMMAND)
                .exists();
        assertThat(Files.readString(PAGE))
                .as("docs/settings.md is generated; write it anew by: " + COMMAND)
                .isEqualTo(SettingsReference.markdown());
    }
}
