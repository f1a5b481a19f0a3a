package io.concordcache.raft;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.concordcache.raft.ratis.ClusterSettings;
import io.concordcache.raft.ratis.Durability;
import io.concordcache.raft.ratis.StoreSettings;
import java.util.Random;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** The rooms of this module and what each may use. */
@AnalyzeClasses(packages = "io.concordcache.raft", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String R = "io.concordcache.raft.";

    /** Values and collections; of what java.lang and java.util offer, nothing that differs from replica to replica. */
    private static final DescribedPredicate<JavaClass> VALUES = resideInAnyPackage(
                    R + "core", "java.lang", "java.util", "java.util.function", "java.util.stream", "org.jspecify..")
            .and(not(belongToAnyOf(
                    Thread.class,
                    ThreadLocal.class,
                    System.class,
                    Runtime.class,
                    Process.class,
                    ProcessBuilder.class,
                    Random.class,
                    Timer.class,
                    UUID.class)))
            .or(belongToAnyOf(ConcurrentHashMap.class, ConcurrentSkipListMap.class, AtomicLongArray.class))
            .as("values of java.base");

    private static final DescribedPredicate<JavaClass> SETTINGS = assignableTo(StoreSettings.class)
            .or(belongToAnyOf(ClusterSettings.class, Durability.class))
            .as("settings of the adapter");

    @ArchTest
    static final ArchRule THE_CORE_IS_PURE = classes()
            .that()
            .resideInAPackage(R + "core")
            .should()
            .onlyDependOnClassesThat(VALUES.or(new DescribedPredicate<>("arrays of the core") {
                @Override
                public boolean test(JavaClass type) {
                    return type.isArray()
                            && (type.getBaseComponentType().isPrimitive() || VALUES.test(type.getBaseComponentType()));
                }
            }));

    @ArchTest
    static final ArchRule NO_RANDOM_ORDER_IN_THE_CORE = noClasses()
            .that()
            .resideInAPackage(R + "core")
            .should()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .orShould()
            .callMethod(Object.class, "hashCode");

    @ArchTest
    static final ArchRule WIRE_USES_THE_PORT = uses("wire", "store", "core");

    @ArchTest
    static final ArchRule THE_PORT_USES_THE_CORE = uses("store", "core");

    @ArchTest
    static final ArchRule LOCAL_USES_THE_PORT = uses("local", "store", "wire", "core");

    @ArchTest
    static final ArchRule EVICT_USES_THE_CORE = uses("evict", "core");

    @ArchTest
    static final ArchRule MARSHAL_USES_THE_PORT = uses("marshal", "store", "core");

    @ArchTest
    static final ArchRule NEAR_USES_THE_PORT = uses("near", "store", "core");

    @ArchTest
    static final ArchRule LEASE_USES_THE_CORE = uses("lease", "core");

    @ArchTest
    static final ArchRule TLS_USES_THE_PORT = uses("tls", "store");

    @ArchTest
    static final ArchRule ACCESS_USES_WHAT_IT_JUDGES = uses("access", "store", "core", "wire", "tls");

    @ArchTest
    static final ArchRule CONFIG_USES_THE_PORT_AND_WHAT_IT_SETS =
            uses("config", "store", "core", "marshal", "ratis", "tls", "access");

    @ArchTest
    static final ArchRule NODE_USES_THE_PORT_AND_ITS_SETTINGS = uses("node", "store", "ratis", "management");

    @ArchTest
    static final ArchRule BEANS_USE_THE_PORT = uses("management", "store");

    @ArchTest
    static final ArchRule CONFIG_AND_NODE_KNOW_SETTINGS_OF_THE_ADAPTER_ALONE = noClasses()
            .that()
            .resideInAnyPackage(R + "config", R + "node")
            .should()
            .dependOnClassesThat(resideInAPackage(R + "ratis..").and(not(SETTINGS)));

    @ArchTest
    static final ArchRule CONFIG_OPENS_NOTHING = noClasses()
            .that()
            .resideInAPackage(R + "config")
            .should()
            .callMethodWhere(target(owner(SETTINGS)).and(target(name("open"))));

    @ArchTest
    static final ArchRule ONLY_THE_FILE_KNOWS_YAML = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(R + "config.ConfigFile")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.snakeyaml..");

    /** Of the rooms of this module; a room that is not built yet keeps its rule. */
    private static ArchRule uses(String room, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = R + room + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = R + others[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(R + room + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.concordcache..").and(not(resideInAnyPackage(allowed))))
                .allowEmptyShould(true);
    }

    @ArchTest
    static final ArchRule ONLY_ONE_ROOM_SEES_RATIS = noClasses()
            .that()
            .resideOutsideOfPackage(R + "ratis..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.concordcache.raft.(*)..").should().beFreeOfCycles();
}
