package io.concordcache.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.concordcache.admin.EntryText;
import io.concordcache.raft.core.Bytes;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entries as lines of JSON. */
class EntryLineTest {
    private static Bytes bytes(Object value) {
        return EntryText.value(value);
    }

    @Test
    void whatIsWrittenIsReadTheSame() {
        List<Object> values = List.of(
                "",
                "text",
                "\"quoted\"\n\u0000\ud83d\ude00",
                1L,
                Long.MIN_VALUE,
                7,
                -1,
                true,
                1.5,
                UUID.randomUUID(),
                List.of("a"));
        for (Object key : values) {
            for (Object value : values) {
                String line = EntryLine.write(bytes(key), bytes(value), 5L);
                assertThat(line).doesNotContain("\n");
                assertThat(EntryLine.read(line)).isEqualTo(new EntryLine(bytes(key), bytes(value), 5L));
            }
        }
        Bytes raw = Bytes.wrap(new byte[] {(byte) 0xff, 0, 1});
        assertThat(EntryLine.read(EntryLine.write(raw, raw, null))).isEqualTo(new EntryLine(raw, raw, null));
    }

    @Test
    void textsAndNumbersCanBeReadByPeople() {
        assertThat(EntryLine.write(bytes("k"), bytes(42L), 60_000L))
                .isEqualTo("{\"key\":\"k\",\"value\":{\"long\":42},\"ttl-ms\":60000}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x | no JSON object",
                "[] | no JSON object",
                "{\"key\":\"k\"} | needs a key and a value",
                "{\"key\":\"k\",\"value\":\"v\"} x | no JSON object",
                "{\"key\":\"k\",\"value\":1} | no JSON object",
                "{\"key\":\"k\",\"value\":{\"float\":1}} | unknown type 'float'; known are long, int, base64",
                "{\"key\":\"k\",\"value\":{\"base64\":\"#\"}} | this is no base64",
                "{\"key\":\"k\",\"value\":\"v\",\"ttl-ms\":0} | ttl-ms must be positive",
                "{\"key\":\"k\",\"value\":\"v\",\"ttl\":1} | unknown field 'ttl'"
            })
    void whatIsNoEntryIsNamed(String line, String error) {
        assertThatThrownBy(() -> EntryLine.read(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(error)
                .message()
                .hasLineCount(1);
    }
}
