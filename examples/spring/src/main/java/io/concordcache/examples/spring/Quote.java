package io.concordcache.examples.spring;

import java.math.BigDecimal;

/** What something costs. */
record Quote(String item, BigDecimal price) {}
