package io.concordcache.examples.spring;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What both caches keep, over HTTP. */
@RestController
class Pages {
    private final Quotes quotes;
    private final Countries countries;

    Pages(Quotes quotes, Countries countries) {
        this.quotes = quotes;
        this.countries = countries;
    }

    @GetMapping("/quotes/{item}")
    Quote quote(@PathVariable("item") String item) {
        return quotes.quote(item);
    }

    @GetMapping("/countries/{code}")
    String country(@PathVariable("code") String code) {
        return countries
                .findById(code)
                .map(country -> country.name)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
