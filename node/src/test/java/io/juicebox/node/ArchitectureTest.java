package io.juicebox.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.juicebox.node", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule onlyTheServiceLayerSeesGrpcAndTheMessages =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.juicebox.node", "io.juicebox.node.service")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..",
              "io.juicebox.csi.request",
              "io.juicebox.csi.spec..",
              "io.juicebox.mountservice..",
              "com.google.protobuf..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.juicebox.node.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nativeCallsAreInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.juicebox.node.kernel")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule theNodeNeverSeesTheController =
      noClasses().should().dependOnClassesThat().resideInAPackage("io.juicebox.controller..");

  @ArchTest
  static final ArchRule theKernelKnowsNothingOfMounts =
      noClasses()
          .that()
          .resideInAPackage("io.juicebox.node.kernel")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.juicebox.node.mount");

  @ArchTest
  static final ArchRule mountsKnowNothingOfPublications =
      noClasses()
          .that()
          .resideInAPackage("io.juicebox.node.mount")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.juicebox.node.publish");

  @ArchTest
  static final ArchRule theMountServiceKnowsNothingOfCsi =
      noClasses()
          .that()
          .resideInAPackage("io.juicebox.node.service")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.juicebox.csi.request",
              "io.juicebox.csi.spec..",
              "io.juicebox.node.publish",
              "io.juicebox.node.health");
}
