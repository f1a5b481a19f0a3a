package io.concordcache.examples.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the application does in each server. */
abstract class ServerContract {
    /** The server, running. */
    abstract Server server();

    /** What MicroProfile Health says of readiness. */
    abstract String ready() throws Exception;

    @Test
    void theSecondCallOfAnAnnotatedMethodIsAHit() throws Exception {
        assertThat(server().get("example/quotes/tea")).isEqualTo("3");
        assertThat(server().get("example/quotes")).isEqualTo("asked 1, hits 0");
        assertThat(server().get("example/quotes/tea")).isEqualTo("3");
        assertThat(server().get("example/quotes")).isEqualTo("asked 1, hits 1");
        server().delete("example/quotes/tea");
        assertThat(server().get("example/quotes/tea")).isEqualTo("3");
        assertThat(server().get("example/quotes")).isEqualTo("asked 2, hits 1");
    }

    @Test
    void hibernateFindsInConcordWhatAnotherTransactionHasSaved() throws Exception {
        server().put("example/countries/fr", "France");
        String[] before = server().get("example/countries").split(", hits ");
        assertThat(server().get("example/countries/fr")).isEqualTo("France");
        assertThat(server().get("example/countries"))
                .isEqualTo(before[0] + ", hits " + (Integer.parseInt(before[1]) + 1));
        server().put("example/countries/fr", "La France");
        assertThat(server().get("example/countries/fr")).isEqualTo("La France");
    }

    @Test
    void healthShowsTheStore() throws Exception {
        assertThat(ready().replaceAll("\\s", ""))
                .containsPattern("\\{[^{}]*\"name\":\"concord\"[^{}]*(\\{[^{}]*\"lag\":0[^{}]*})?[^{}]*}")
                .contains("\"lag\":0")
                .doesNotContain("DOWN");
    }
}
