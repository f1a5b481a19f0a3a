package io.concordcache.jcache;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see what in this module. */
@AnalyzeClasses(packages = "io.concordcache.jcache", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NOBODY_SEES_RATIS =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_ADAPTER = noClasses()
            .that()
            .doNotHaveSimpleName("ConcordCacheManager") // hands the settings to Nodes
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.concordcache.raft.ratis..");

    @ArchTest
    static final ArchRule ONLY_OPERATIONS_AND_EVENTS_MEET_THE_STORE = noClasses()
            .that()
            .resideInAnyPackage("io.concordcache.jcache.management", "io.concordcache.jcache.processor")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.concordcache.raft..");
}
