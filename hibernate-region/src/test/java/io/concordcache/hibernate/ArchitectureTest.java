package io.concordcache.hibernate;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this module may see. */
@AnalyzeClasses(packages = "io.concordcache.hibernate", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NOBODY_SEES_RATIS_OR_JCACHE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.ratis..", "io.concordcache.raft.ratis..", "io.concordcache.jcache..", "javax.cache..");

    /** They differ from version to version, and are wrong between nodes. */
    @ArchTest
    static final ArchRule NOBODY_SEES_THE_STOCK_CLASSES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.hibernate.cache.spi.support..", "org.hibernate.cache.internal..");
}
