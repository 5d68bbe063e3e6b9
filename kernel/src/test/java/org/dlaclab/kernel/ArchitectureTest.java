package org.dlaclab.kernel;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package of the kernel may know which: the arrows of the design. */
class ArchitectureTest {
  private static final String ROOT = "org.dlaclab.kernel";

  /** What the facade, which stands in the root package, goes by here. */
  private static final String FACADE = "";

  /** A package, and the packages of the kernel that it may use. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "protocol",
          Set.of(),
          "eval",
          Set.of(),
          "display",
          Set.of(),
          "magic",
          Set.of("eval", "display"),
          FACADE,
          Set.of("display"),
          "session",
          Set.of("protocol", "eval", "display", "magic", FACADE),
          "app",
          Set.of("protocol", "session"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<String> packages() {
    return CLASSES.stream().map(ArchitectureTest::packageOf).distinct().sorted();
  }

  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(ROOT) ? FACADE : name.substring(ROOT.length() + 1);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyWhatItsArrowsAllow(String name) {
    assertThat(ARROWS).as("packages with arrows").containsKey(name);
    Set<String> allowed = ARROWS.get(name);
    classes()
        .that()
        .resideInAPackage(name.equals(FACADE) ? ROOT : ROOT + "." + name)
        .should(
            onlyDependOnClassesThat(
                describe(
                    "are of other projects, or of " + allowed,
                    type ->
                        !type.getPackageName().startsWith("org.dlaclab")
                            || (type.getPackageName().startsWith(ROOT)
                                && (packageOf(type).equals(name)
                                    || allowed.contains(packageOf(type)))))))
        .check(CLASSES);
  }

  @Test
  void noPackagesFormACycle() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nullIsDeclaredEverywhere() {
    assertThat(CLASSES)
        .allSatisfy(
            type ->
                assertThat(type.getPackage().isAnnotatedWith(NullMarked.class))
                    .as(type.getPackageName())
                    .isTrue());
  }

  @Test
  void noFieldThatOthersSeeChanges() {
    fields().that().arePublic().or().areProtected().should().beFinal().check(CLASSES);
  }

  @Test
  void onlyTheWireTouchesZeroMq() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".protocol")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.zeromq..", "zmq..")
        .check(CLASSES);
  }

  @Test
  void onlyEvalTouchesJShell() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".eval")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.jshell..")
        .check(CLASSES);
  }
}
