package io.juicebox.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.juicebox.controller",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule onlyTheServiceLayerSeesGrpcAndTheMessages =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.juicebox.controller")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..",
              "io.juicebox.csi.request",
              "io.juicebox.csi.spec..",
              "com.google.protobuf..");

  @ArchTest
  static final ArchRule theControllerNeverSeesTheNode =
      noClasses().should().dependOnClassesThat().resideInAPackage("io.juicebox.node..");

  @ArchTest
  static final ArchRule onlyOnePackageSeesTheRedisClient =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.juicebox.controller.redis", "io.juicebox.controller")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lettuce..");

  @ArchTest
  static final ArchRule onlyOnePackageSeesTheObjectStoresClient =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.juicebox.controller.object")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.minio..", "okhttp3..");

  @ArchTest
  static final ArchRule onlyOnePackageSeesTheClientOfKubernetes =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.juicebox.controller.kube")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fabric8..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.juicebox.controller.(*)..").should().beFreeOfCycles();
}
