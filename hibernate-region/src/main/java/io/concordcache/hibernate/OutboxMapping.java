package io.concordcache.hibernate;

import java.util.Map;
import org.hibernate.boot.ResourceStreamLocator;
import org.hibernate.boot.spi.AdditionalMappingContributions;
import org.hibernate.boot.spi.AdditionalMappingContributor;
import org.hibernate.boot.spi.InFlightMetadataCollector;
import org.hibernate.boot.spi.MetadataBuildingContext;
import org.hibernate.engine.config.spi.ConfigurationService;

/** Adds the table of the {@link Outbox} to the mapping where the settings ask for it; found by {@code ServiceLoader}. */
public final class OutboxMapping implements AdditionalMappingContributor {
    /** For {@code ServiceLoader}. */
    public OutboxMapping() {}

    @Override
    public void contribute(
            AdditionalMappingContributions contributions,
            InFlightMetadataCollector metadata,
            ResourceStreamLocator resourceStreamLocator,
            MetadataBuildingContext buildingContext) {
        Map<String, Object> settings = buildingContext
                .getBootstrapContext()
                .getServiceRegistry()
                .requireService(ConfigurationService.class)
                .getSettings();
        if (RegionSettings.asksForOutbox(settings)) {
            contributions.contributeEntity(OutboxRow.class);
        }
    }
}
