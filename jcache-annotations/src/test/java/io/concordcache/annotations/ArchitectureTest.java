package io.concordcache.annotations;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see what in this module. */
@AnalyzeClasses(packages = "io.concordcache.annotations", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_THE_ADAPTER_KNOWS_CDI = noClasses()
            .that()
            .resideInAPackage("io.concordcache.annotations")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta..");

    @ArchTest
    static final ArchRule NO_PROVIDER_AND_NO_CONTAINER_BUT_THEIR_STANDARDS = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.cache..",
                    "javax.management..",
                    "jakarta..",
                    "org.jspecify..",
                    "io.concordcache.annotations..");
}
