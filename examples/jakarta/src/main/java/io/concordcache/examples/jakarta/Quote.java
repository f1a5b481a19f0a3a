package io.concordcache.examples.jakarta;

import java.math.BigDecimal;

/** What something costs. */
public record Quote(String item, BigDecimal price) {}
