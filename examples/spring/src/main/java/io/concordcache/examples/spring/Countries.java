package io.concordcache.examples.spring;

import org.springframework.data.jpa.repository.JpaRepository;

/** The repository of {@link Country}. */
interface Countries extends JpaRepository<Country, String> {}
