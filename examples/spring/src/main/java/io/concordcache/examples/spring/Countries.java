package io.concordcache.examples.spring;

import org.springframework.data.jpa.repository.JpaRepository;

/** The repository of {@link Country}. */
public interface Countries extends JpaRepository<Country, String> {}
