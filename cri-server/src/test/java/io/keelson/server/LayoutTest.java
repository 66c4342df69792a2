package io.keelson.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of the architecture that the poms cannot guard. */
class LayoutTest {
    private static JavaClasses keelson;

    @BeforeAll
    static void read() {
        keelson = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.keelson")
                .that(not(resideInAPackage("io.keelson.proto..")));
        assertThat(keelson.size()).isGreaterThan(50);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.keelson.(**)").should().beFreeOfCycles().check(keelson);
    }

    @Test
    void modulesDependInOneLine() {
        var line = List.of(
                List.of("io.keelson.host..", "io.keelson.oci.."),
                List.of("io.keelson.image.."),
                List.of("io.keelson.pod.."),
                List.of("io.keelson.server.."));
        for (var i = 0; i < line.size() - 1; i++) {
            var left = line.subList(i + 1, line.size()).stream()
                    .flatMap(List::stream)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAnyPackage(line.get(i).toArray(String[]::new))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(left)
                    .allowEmptyShould(true)
                    .check(keelson);
        }
    }

    @Test
    void theHostPackagesKnowNothingOfContainers() {
        noClasses()
                .that()
                .resideInAPackage("io.keelson.host..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.keelson.oci..")
                .check(keelson);
    }

    @Test
    void nativeCodeIsCalledInLinuxOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.keelson.host.linux")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(keelson);
    }

    @Test
    void processesAreStartedInProcessOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.keelson.host.process")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.ProcessBuilder")
                .orShould()
                .callMethodWhere(target(name("exec")).and(target(owner(equivalentTo(Runtime.class)))))
                .check(keelson);
    }

    @Test
    void gRpcStopsAtTheDoor() {
        noClasses()
                .that(not(resideInAPackage("io.keelson.server..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "io.keelson.proto..", "io.netty..")
                .check(keelson);
        noClasses()
                .that(not(resideInAnyPackage("io.keelson.server.rpc..", "io.keelson.server.stream..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.protobuf..", "io.keelson.proto..")
                .check(keelson);
    }

    @Test
    void openTelemetryStopsAtTracing() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.keelson.server.tracing")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(keelson);
    }

    @Test
    void jsonIsReadAndWrittenWithoutDatabind() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson.databind..")
                .check(keelson);
    }

    @Test
    void namesSayWhatAClassIsFor() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameStartingWith("Common")
                .check(keelson);
    }

    @Test
    void everyPackageIsNullMarkedAndSaysWhatItIsFor() {
        var packages = keelson.stream()
                .filter(each -> !each.getSimpleName().equals("package-info"))
                .map(JavaClass::getPackage)
                .distinct();
        assertThat(packages)
                .allSatisfy(each -> assertThat(
                                each.tryGetPackageInfo().filter(info -> info.isAnnotatedWith(NullMarked.class)))
                        .as(each.getName())
                        .isPresent());
    }

    @Test
    void theRulesAboveHaveSomethingToLookAt() {
        // A rule that matches nothing passes for the wrong reason.
        Stream.of(
                        "io.keelson.host.linux",
                        "io.keelson.host.process",
                        "io.keelson.server.rpc",
                        "io.keelson.server.tracing",
                        "io.keelson.image.layer")
                .forEach(each ->
                        assertThat(keelson.containPackage(each)).as(each).isTrue());
    }
}
