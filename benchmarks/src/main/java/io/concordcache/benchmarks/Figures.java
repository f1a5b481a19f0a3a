package io.concordcache.benchmarks;

import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
    private Figures() {}

    /** Three digits and a unit. */
    static String time(double nanos) {
        if (nanos < 1e3) {
            return digits(nanos) + " ns";
        }
        if (nanos < 1e6) {
            return digits(nanos / 1e3) + " µs";
        }
        return nanos < 1e9 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
    }

    static String rate(double perSecond) {
        return whole(perSecond) + "/s";
    }

    /** Three digits, the rest zeros. */
    static String whole(double number) {
        double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, number))) - 2));
        return String.format(Locale.ROOT, "%,.0f", Math.round(number / unit) * unit);
    }

    static String digits(double number) {
        if (number >= 100) {
            return whole(number);
        }
        return String.format(Locale.ROOT, number < 10 ? "%.2f" : "%.1f", number);
    }

    /** Without a fraction that is zero. */
    static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }
}
