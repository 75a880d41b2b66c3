package io.intramesh;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * Holds the directions between packages and the bans that no compiler checks. Fakes and tests are not looked at. A rule
 * may find no classes yet: packages come one by one.
 */
@AnalyzeClasses(packages = "io.intramesh", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

    private static final String ROOT = "io.intramesh";
    private static final String INTERNAL = ROOT + ".internal";

    /** Exported classes that open internal packages. The rest of their packages is vocabulary, which everyone may use. */
    private static final Set<String> FRONT_DOORS = Set.of(
            ROOT + ".Mesh",
            ROOT + ".OfflineMesh",
            ROOT + ".document.DocumentReader",
            ROOT + ".document.DocumentWriter",
            ROOT + ".registry.FileRegistry");

    // ---- Directions

    @ArchTest
    static final ArchRule noCyclesBetweenPackages =
            slices().assignedFrom(new PackagesWithFrontDoorApart()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule modelDependsOnTheJdkAndJSpecifyOnly = classes()
            .that()
            .resideInAPackage(ROOT + ".model..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(ROOT + ".model..", "java..", "org.jspecify.."))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule concernsDoNotDependOnEachOther = classes()
            .that()
            .resideInAPackage(INTERNAL + "..")
            .and()
            .resideOutsideOfPackage(INTERNAL + ".pipeline..")
            .should(dependOnNoConcernButTimeAndTheirOwn())
            .because("only internal.pipeline composes concerns; take a predicate or a function instead")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheFrontDoorOpensThePipeline = noClasses()
            .that(areNotFrontDoors())
            .and()
            .resideOutsideOfPackage(INTERNAL + ".pipeline..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(INTERNAL + ".pipeline..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule internalTypesStayOutOfExportedSignatures = classes()
            .that()
            .resideOutsideOfPackage(INTERNAL + "..")
            .should(showNoInternalType())
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule everyPackageIsNullMarked = classes()
            .should(resideInANullMarkedPackage())
            .because("NullAway passes over a package without @NullMarked in silence");

    // ---- One library, one package

    @ArchTest
    static final ArchRule resilience4jOnlyInLimit = onlyIn("limit", "io.github.resilience4j..");

    @ArchTest
    static final ArchRule openTelemetryOnlyInTelemetry = onlyIn("telemetry", "io.opentelemetry..");

    @ArchTest
    static final ArchRule re2jOnlyInRoute = onlyIn("route", "com.google.re2j..");

    @ArchTest
    static final ArchRule yamlAndJsonOnlyInDocument = onlyIn("document", "org.snakeyaml..", "com.fasterxml..");

    @ArchTest
    static final ArchRule nettyOnlyInOpenSsl = onlyIn("tls.openssl", "io.netty..");

    @ArchTest
    static final ArchRule nimbusOnlyInAccessJwt = onlyIn("access.jwt", "com.nimbusds..");

    @ArchTest
    static final ArchRule dnsOnlyInEndpoint = onlyIn("endpoint", "org.xbill..");

    // ---- Time, chance, absence, state

    @ArchTest
    static final ArchRule timeAndChanceOnlyInTime = noClasses()
            .that()
            .resideOutsideOfPackage(INTERNAL + ".time..")
            .should()
            .accessTargetWhere(readsTimeOrChance())
            .because("tests must be able to set the clock and the dice");

    @ArchTest
    static final ArchRule noOptionalInFields = fields().should(haveNoOptionalType())
            .because("absence is @Nullable")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule noOptionalInParameters =
            codeUnits().should(takeNoOptional()).because("absence is @Nullable").allowEmptyShould(true);

    @ArchTest
    static final ArchRule staticFieldsAreFinal =
            fields().should(beFinalIfStatic()).because("two meshes in one process must not share state");

    // ---- How

    private static ArchRule onlyIn(String concern, String... libraryPackages) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(INTERNAL + "." + concern + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraryPackages)
                .because("one library, one package: internal." + concern);
    }

    private static DescribedPredicate<JavaClass> areNotFrontDoors() {
        return DescribedPredicate.describe("are not a front door", type -> !isFrontDoor(type));
    }

    private static boolean isFrontDoor(JavaClass type) {
        return FRONT_DOORS.contains(outermost(type));
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    /** Returns {@code limit} for {@code io.intramesh.internal.limit.breaker}, and an empty text outside the internals. */
    private static String concernOf(JavaClass type) {
        String name = type.getPackageName();
        if (!name.startsWith(INTERNAL + ".")) {
            return "";
        }
        String rest = name.substring(INTERNAL.length() + 1);
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    private static ArchCondition<JavaClass> dependOnNoConcernButTimeAndTheirOwn() {
        return new ArchCondition<>("depend on no concern but internal.time and their own") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Set<String> allowed = new HashSet<>(List.of("", "time", concernOf(type)));
                type.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> !allowed.contains(concernOf(dependency.getTargetClass())))
                        .forEach(dependency ->
                                events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription())));
            }
        };
    }

    private static ArchCondition<JavaClass> showNoInternalType() {
        return new ArchCondition<>("show no internal type in a public or protected signature") {
            private final DescribedPredicate<JavaClass> internal = resideInAPackage(INTERNAL + "..");

            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!isVisible(type)) {
                    return;
                }
                Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
                report(type, type.getName(), parents, events);
                type.getFields().stream()
                        .filter(this::isVisible)
                        .forEach(field -> report(type, field.getFullName(), Stream.of(field.getType()), events));
                type.getCodeUnits().stream()
                        .filter(this::isVisible)
                        .forEach(unit -> report(type, unit.getFullName(), signature(unit), events));
            }

            private Stream<JavaType> signature(JavaCodeUnit unit) {
                Stream<JavaType> inAndOut =
                        Stream.concat(unit.getParameterTypes().stream(), Stream.of(unit.getReturnType()));
                return Stream.concat(inAndOut, unit.getExceptionTypes().stream());
            }

            private boolean isVisible(JavaClass type) {
                Optional<JavaClass> around = type.getEnclosingClass();
                return isVisible(type.getModifiers()) && (around.isEmpty() || isVisible(around.get()));
            }

            private boolean isVisible(JavaMember member) {
                return isVisible(member.getModifiers()) && !isSynthetic(member);
            }

            private boolean isVisible(Set<JavaModifier> modifiers) {
                return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
            }

            private void report(
                    JavaClass owner, String where, Stream<? extends JavaType> types, ConditionEvents events) {
                types.flatMap(shown -> shown.getAllInvolvedRawTypes().stream())
                        .filter(internal)
                        .forEach(shown ->
                                events.add(SimpleConditionEvent.violated(owner, where + " shows " + shown.getName())));
            }
        };
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean isMarked = type.getPackage().isAnnotatedWith(NullMarked.class);
                if (!isMarked && !type.getSimpleName().equals("module-info")) {
                    events.add(SimpleConditionEvent.violated(
                            type, type.getPackageName() + " has no package-info.java with @NullMarked"));
                }
            }
        };
    }

    private static DescribedPredicate<JavaAccess<?>> readsTimeOrChance() {
        Set<String> banned = Set.of(
                "java.lang.System.nanoTime",
                "java.lang.System.currentTimeMillis",
                "java.lang.Thread.sleep",
                "java.lang.Math.random",
                "java.time.Instant.now",
                "java.util.concurrent.ThreadLocalRandom.current");
        return DescribedPredicate.describe("reads time or chance", access -> {
            String owner = access.getTargetOwner().getName();
            return banned.contains(owner + "." + access.getTarget().getName());
        });
    }

    private static ArchCondition<JavaField> haveNoOptionalType() {
        return new ArchCondition<>("not be Optional") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                if (isOptional(field.getRawType()) && !isSynthetic(field)) {
                    events.add(SimpleConditionEvent.violated(field, field.getDescription() + " is an Optional"));
                }
            }
        };
    }

    private static ArchCondition<JavaCodeUnit> takeNoOptional() {
        return new ArchCondition<>("take no Optional") {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                boolean takesOptional = unit.getRawParameterTypes().stream().anyMatch(ArchitectureTest::isOptional);
                if (takesOptional && !isSynthetic(unit)) {
                    events.add(SimpleConditionEvent.violated(unit, unit.getDescription() + " takes an Optional"));
                }
            }
        };
    }

    private static ArchCondition<JavaField> beFinalIfStatic() {
        return new ArchCondition<>("be final if static") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                Set<JavaModifier> modifiers = field.getModifiers();
                if (modifiers.contains(JavaModifier.STATIC)
                        && !modifiers.contains(JavaModifier.FINAL)
                        && !isSynthetic(field)) {
                    events.add(SimpleConditionEvent.violated(field, field.getDescription() + " is static, not final"));
                }
            }
        };
    }

    private static boolean isOptional(JavaClass type) {
        return Stream.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class)
                .anyMatch(type::isEquivalentTo);
    }

    private static boolean isSynthetic(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    /** One slice per package, and one for the front doors: they open everything, and what they throw is used by all. */
    private static final class PackagesWithFrontDoorApart implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (!type.getPackageName().startsWith(ROOT)) {
                return SliceIdentifier.ignore();
            }
            return SliceIdentifier.of(isFrontDoor(type) ? outermost(type) : type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages, each front door apart";
        }
    }
}
