package org.dlaclab;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dlaclab.notebook.DlacDisplays;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may know which: the arrows of the design. */
class ArchitectureTest {
  /** A package, and the packages of DLAC Lab that it may use. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("error", Set.of()),
          Map.entry("progress", Set.of()),
          Map.entry("file", Set.of("error")),
          Map.entry("unit", Set.of("error")),
          Map.entry("tensor", Set.of("error", "file")),
          Map.entry("library", Set.of()),
          Map.entry("table", Set.of("error", "file", "library")),
          Map.entry("plot", Set.of("error", "table")),
          Map.entry("network", Set.of("error", "unit", "tensor", "table")),
          Map.entry("zoo", Set.of("error", "network")),
          Map.entry("data", Set.of("error", "file", "tensor", "network")),
          Map.entry("quant", Set.of("error", "unit", "tensor", "table", "network")),
          Map.entry("tech", Set.of("error", "unit")),
          Map.entry("grid", Set.of("error", "unit", "tech")),
          Map.entry(
              "operand",
              Set.of("error", "progress", "file", "tensor", "table", "network", "quant")),
          Map.entry("onnx", Set.of("error", "tensor", "network")),
          Map.entry(
              "infer",
              Set.of("file", "error", "tensor", "network", "zoo", "quant", "operand", "onnx")),
          Map.entry("result", Set.of("error", "unit", "table", "plot", "tech", "grid")),
          Map.entry(
              "sim",
              Set.of(
                  "error",
                  "progress",
                  "unit",
                  "tensor",
                  "network",
                  "quant",
                  "grid",
                  "operand",
                  "result")),
          Map.entry("paper", Set.of("error", "unit", "table", "tech", "grid", "result")),
          Map.entry(
              "train",
              Set.of(
                  "error",
                  "file",
                  "tensor",
                  "table",
                  "plot",
                  "progress",
                  "network",
                  "quant",
                  "data",
                  "operand",
                  "infer")),
          Map.entry(
              "study",
              Set.of(
                  "error",
                  "file",
                  "tensor",
                  "table",
                  "plot",
                  "progress",
                  "network",
                  "quant",
                  "data",
                  "grid",
                  "operand",
                  "infer",
                  "result",
                  "sim",
                  "train")),
          Map.entry(
              "explore",
              Set.of(
                  "error",
                  "file",
                  "unit",
                  "tensor",
                  "table",
                  "plot",
                  "progress",
                  "network",
                  "quant",
                  "grid",
                  "operand",
                  "result",
                  "sim",
                  "library")),
          // The engine's oracle: it shares the inputs with the engine, and nothing else.
          Map.entry("sim.reference", Set.of("error", "unit", "tensor", "network", "grid")),
          // Shows them all; only the kernel knows it, by the service loader.
          Map.entry(
              "notebook",
              Set.of(
                  "error",
                  "unit",
                  "tensor",
                  "network",
                  "quant",
                  "tech",
                  "grid",
                  "operand",
                  "table",
                  "plot",
                  "result",
                  "paper",
                  "sim",
                  "onnx",
                  "infer",
                  "progress",
                  "data",
                  "train",
                  "study",
                  "explore",
                  "kernel.display")),
          Map.entry("shell", Set.of("error")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // The kernel is a project of its own, with arrows of its own.
          .withImportOption(location -> !location.contains("/org/dlaclab/kernel/"))
          .importPackages("org.dlaclab");

  static Stream<String> packages() {
    return CLASSES.stream()
        .map(ArchitectureTest::packageOf)
        .filter(p -> !p.isEmpty())
        .distinct()
        .sorted();
  }

  /** The package without {@code org.dlaclab.}: empty for the facade's. */
  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals("org.dlaclab") ? "" : name.substring("org.dlaclab.".length());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItsArrowsAllow(String name) {
    assertThat(ARROWS).as("packages with arrows").containsKey(name);
    Set<String> allowed = ARROWS.get(name);
    classes()
        .that()
        .resideInAPackage("org.dlaclab." + name)
        .should(
            onlyDependOnClassesThat(
                describe(
                    "are of other projects, or of " + allowed,
                    type ->
                        !type.getPackageName().startsWith("org.dlaclab")
                            || packageOf(type).equals(name)
                            || allowed.contains(packageOf(type)))))
        .check(CLASSES);
  }

  @Test
  void noPackagesFormACycle() {
    slices().matching("org.dlaclab.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nullIsDeclaredEverywhere() {
    JavaPackage root = CLASSES.getPackage("org.dlaclab");
    assertThat(Stream.concat(Stream.of(root), root.getSubpackagesInTree().stream()))
        .filteredOn(p -> !p.getClasses().isEmpty() && !p.getName().contains(".kernel"))
        .allSatisfy(p -> assertThat(p.isAnnotatedWith(NullMarked.class)).as(p.getName()).isTrue());
  }

  @Test
  void noFieldThatOthersSeeChanges() {
    fields().that().arePublic().or().areProtected().should().beFinal().check(CLASSES);
  }

  @Test
  void onlyNotebookNeedsTheKernel() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.dlaclab.notebook..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.dlaclab.kernel..", "org.dlaclab.notebook..")
        .check(CLASSES);
  }

  @Test
  void onlyInferTouchesTheNativeEngine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.dlaclab.infer..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(CLASSES);
  }

  /** Else a cell that names one of them does not compile. */
  @Test
  void noTwoTypesThatAShellImportsHaveOneName() {
    Set<String> imported =
        new DlacDisplays()
            .imports().stream()
                .map(line -> line.replaceAll("^import |\\.\\*;$", ""))
                .collect(Collectors.toSet());
    List<String> names =
        CLASSES.stream()
            .filter(type -> imported.contains(type.getPackageName()))
            .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(PUBLIC))
            .map(JavaClass::getSimpleName)
            .toList();
    assertThat(names).contains("Network", "Technology").doesNotHaveDuplicates();
  }
}
