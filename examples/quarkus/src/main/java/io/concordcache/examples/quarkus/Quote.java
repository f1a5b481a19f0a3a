package io.concordcache.examples.quarkus;

import java.math.BigDecimal;

/** What something costs. */
public record Quote(String item, BigDecimal price) {}
