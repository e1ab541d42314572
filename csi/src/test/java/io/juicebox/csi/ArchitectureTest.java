package io.juicebox.csi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.juicebox.csi.status.DriverException;

/** Who may know whom within csi; the controller and the node have such a test of their own. */
@AnalyzeClasses(
    packages = "io.juicebox.csi",
    importOptions = {DoNotIncludeTests.class, ArchitectureTest.NotGenerated.class})
final class ArchitectureTest {
  /** Leaves out the specification's classes: they are many and not ours. */
  static final class NotGenerated implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("io/juicebox/csi/spec/");
    }
  }

  @ArchTest
  static final ArchRule vocabularyKnowsNeitherGrpcNorTheSpecification =
      noClasses()
          .that()
          .resideInAPackage("io.juicebox.csi.volume")
          .or()
          .areAssignableTo(DriverException.class)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.grpc..", "io.juicebox.csi.spec..", "com.google.protobuf..");

  @ArchTest
  static final ArchRule onlyWhatServesAndLogsRequestsKnowsTheSpecification =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.juicebox.csi.identity", "io.juicebox.csi.log", "io.juicebox.csi.request")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.juicebox.csi.spec..");

  @ArchTest
  static final ArchRule nobodyMakesNativeCalls =
      noClasses().should().dependOnClassesThat().resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.juicebox.csi.(*)..").should().beFreeOfCycles();
}
