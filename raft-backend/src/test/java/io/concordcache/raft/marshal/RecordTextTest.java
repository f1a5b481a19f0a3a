package io.concordcache.raft.marshal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordTextTest {
    record Price(BigDecimal amount, String currency) {}

    record Offer(String item, Price price, DayOfWeek day, boolean sold, byte[] image, String note) {}

    private static byte[] bytes(Object value) {
        return new StandardMarshaller(ClassFilter.of(List.of("**")), RecordTextTest.class.getClassLoader())
                .marshal(value);
    }

    @Test
    void recordsAreReadableWithoutTheirClasses() {
        assertThat(RecordText.of(bytes(new Offer(
                        "tea", new Price(new BigDecimal("3.10"), "EUR"), DayOfWeek.MONDAY, true, new byte[3], null))))
                .isEqualTo("Offer(item=tea, price=Price(amount=3.10, currency=EUR), day=DayOfWeek.MONDAY, sold=true,"
                        + " image=4 bytes, note=null)");
        assertThat(RecordText.of(bytes(DayOfWeek.MONDAY))).isEqualTo("DayOfWeek.MONDAY");
    }

    @Test
    void whatIsNoRecordOrDamagedHasNoText() {
        assertThat(RecordText.of(bytes("text"))).isNull();
        assertThat(RecordText.of(new byte[0])).isNull();
        byte[] price = bytes(new Price(BigDecimal.ONE, "EUR"));
        for (int length = 1; length < price.length; length++) {
            assertThat(RecordText.of(Arrays.copyOf(price, length))).isNull();
        }
    }
}
