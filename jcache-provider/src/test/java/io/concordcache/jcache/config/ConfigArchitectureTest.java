package io.concordcache.jcache.config;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.concordcache.jcache", importOptions = ImportOption.DoNotIncludeTests.class)
class ConfigArchitectureTest {
    @ArchTest
    static final ArchRule onlyTheFileKnowsYaml = noClasses()
            .that()
            .doNotHaveSimpleName("ConfigFile")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.snakeyaml..");

    @ArchTest
    static final ArchRule configurationStartsNothing = noClasses()
            .that()
            .resideInAPackage("io.concordcache.jcache.config")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.concordcache.raft..", "org.apache.ratis..");
}
