package org.dlaclab.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Inspection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code %maven} with a remote repository that is a folder, named as a mirror in settings. */
@Timeout(60)
class MavenTest {
  @TempDir static Path shelf;
  @TempDir Path folder;
  private Path remote;
  private Path local;
  private Lab lab;

  @BeforeAll
  static void fill() throws IOException {
    publish(shelf, "org.acme:base:1.0", "");
    publish(shelf, "org.acme:base:1.1", "");
    publish(shelf, "org.acme:base:2.0-rc1", "");
    publish(shelf, "org.acme:logs:1.0", "");
    publish(shelf, "org.acme:tested:1.0", "");
    publish(
        shelf,
        "org.acme:lib:1.0",
        dependency("base:1.0", "compile", "")
            + dependency("logs:1.0", "runtime", "")
            + dependency("tested:1.0", "test", ""));
    publish(
        shelf,
        "org.acme:top:1.0",
        dependency("base:1.1", "compile", "") + dependency("lib:1.0", "compile", ""));
    publish(
        shelf,
        "org.acme:slim:1.0",
        dependency(
            "lib:1.0",
            "compile",
            "<exclusions><exclusion><groupId>org.acme</groupId><artifactId>logs</artifactId>"
                + "</exclusion></exclusions>"));
    publish(shelf, "org.acme:torn:1.0", dependency("gone:1.0", "compile", ""));
  }

  @BeforeEach
  void start() throws IOException {
    remote = folder.resolve("remote");
    local = folder.resolve("local");
    Path settings =
        Files.writeString(
            folder.resolve("settings.xml"),
            """
            <settings>
              <localRepository>%s</localRepository>
              <mirrors>
                <mirror><id>shelf</id><mirrorOf>*,!other</mirrorOf><url>%s</url></mirror>
              </mirrors>
              <servers>
                <server><id>shelf</id><username>me</username><password>hush</password></server>
              </servers>
            </settings>
            """
                .formatted(local, remote.toUri()));
    try (var files = Files.walk(shelf)) {
      for (Path file : files.toList()) {
        Files.copy(file, remote.resolve(shelf.relativize(file).toString()));
      }
    }
    lab = new Lab(new Resolver(Optional.of(settings), Optional.empty()));
  }

  @AfterEach
  void end() {
    lab.close();
  }

  private static String dependency(String artifact, String scope, String more) {
    String[] parts = artifact.split(":", -1);
    return "<dependency><groupId>org.acme</groupId><artifactId>%s</artifactId><version>%s</version>"
            .formatted(parts[0], parts[1])
        + "<scope>"
        + scope
        + "</scope>"
        + more
        + "</dependency>";
  }

  /** Puts an artifact, its sources and a list of versions into a repository. */
  private static void publish(Path repository, String coordinate, String dependencies)
      throws IOException {
    String[] parts = coordinate.split(":", -1);
    Path artifact = repository.resolve(parts[0].replace('.', '/')).resolve(parts[1]);
    Path version = Files.createDirectories(artifact.resolve(parts[2]));
    String name = parts[1] + "-" + parts[2];
    Files.writeString(
        version.resolve(name + ".pom"),
        "<project><modelVersion>4.0.0</modelVersion><groupId>%s</groupId><artifactId>%s</artifactId>"
                .formatted(parts[0], parts[1])
            + "<version>%s</version><dependencies>%s</dependencies></project>"
                .formatted(parts[2], dependencies));
    Files.write(version.resolve(name + ".jar"), jar(parts[1], parts[2]));
    Files.write(version.resolve(name + "-sources.jar"), jar("sources", parts[2]));
    StringBuilder versions = new StringBuilder();
    try (var each = Files.newDirectoryStream(artifact, Files::isDirectory)) {
      each.forEach(v -> versions.append("<version>" + v.getFileName() + "</version>"));
    }
    Files.writeString(
        artifact.resolve("maven-metadata.xml"),
        "<metadata><groupId>%s</groupId><artifactId>%s</artifactId><versioning><versions>%s"
                .formatted(parts[0], parts[1], versions)
            + "</versions></versioning></metadata>");
  }

  /** A jar with a class that says its version. */
  private static byte[] jar(String name, String version) throws IOException {
    Path classes = Files.createTempDirectory("classes");
    Path source =
        Files.writeString(
            classes.resolve("Version.java"),
            "package %s; public class Version { public static String it() { return \"%s\"; } }"
                .formatted(name, version));
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-d", classes.toString(), source.toString());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream out = new JarOutputStream(bytes)) {
      out.putNextEntry(new ZipEntry(name + "/Version.class"));
      Files.copy(classes.resolve(name).resolve("Version.class"), out);
    }
    return bytes.toByteArray();
  }

  /** Artifact, version, place, state of each row. */
  private List<String> report() {
    return lab.lastShown()
        .lines()
        .filter(line -> line.contains("org.acme"))
        .map(line -> line.strip().replaceAll(" {2,}[\\d.]+ (B|KiB) {2,}", "  "))
        .map(line -> line.replaceAll(" {2,}", " | "))
        .toList();
  }

  @Test
  void whatIsNeededAtRuntimeComesAlongAndCanBeUsed() {
    assertThat(
            lab.value("%maven org.acme:lib:1.0 --no-sources\nlib.Version.it() + base.Version.it()"))
        .isEqualTo("1.01.0");
    assertThat(report())
        .containsExactly(
            "org.acme:lib | 1.0 | shelf | added",
            "org.acme:base | 1.0 | shelf | added",
            "org.acme:logs | 1.0 | shelf | added");
    assertThat(lab.lastShown()).contains("3 artifacts").contains("downloaded");
    assertThat(lab.newClasses).isEqualTo(1);
    assertThat(((Bundle) lab.shown.get(0)).data().get("text/html").toString())
        .contains("<table>")
        .contains("org.acme:logs");
  }

  @Test
  void theNearestVersionOfAConflictWinsAndExclusionsHold() {
    lab.ok("%maven --no-sources org.acme:top:1.0");
    assertThat(report()).contains("org.acme:base | 1.1 | shelf | added").hasSize(4);
    lab.ok("%maven --no-sources org.acme:slim:1.0");
    assertThat(report()).noneMatch(row -> row.contains("logs"));
  }

  @Test
  void severalArtifactsAreResolvedTogether() {
    lab.ok("%maven --no-sources org.acme:lib:1.0 org.acme:base:1.1");
    assertThat(report())
        .contains("org.acme:base | 1.1 | shelf | added")
        .noneMatch(row -> row.contains("base | 1.0"));
  }

  @Test
  void whatIsThereAlreadyIsSaidAndNotAddedTwice() {
    lab.ok("%maven --no-sources org.acme:base:1.0");
    lab.ok("%maven --no-sources org.acme:base:1.0");
    assertThat(report())
        .containsExactly("org.acme:base | 1.0 | local repository | was there already");
    lab.ok("%maven --no-sources org.acme:base:1.1");
    assertThat(report().get(0)).contains("not added: base-1.0.jar is there");
    assertThat(lab.newClasses).isEqualTo(1);
    assertThat(lab.value("base.Version.it()")).isEqualTo("1.0");
  }

  @Test
  void withoutAVersionTheNewestReleaseIsTaken() {
    lab.ok("%maven --no-sources org.acme:base");
    assertThat(report()).containsExactly("org.acme:base | 1.1 | shelf | added");
  }

  @Test
  void latestAndRangesWork() {
    lab.ok("%maven --no-sources org.acme:base:LATEST");
    assertThat(report().get(0)).contains("2.0-rc1");
    lab.ok("%maven --no-sources org.acme:base:[1.0,1.1)");
    assertThat(report().get(0)).contains("| 1.0 |");
    assertThat(lab.error("%maven org.acme:base:[1.0").value()).contains("no range of versions");
  }

  @Test
  void theLocalRepositoryIsEnough() throws IOException {
    lab.ok("%maven --no-sources org.acme:lib:1.0");
    delete(remote);
    lab.ok("%maven --no-sources org.acme:lib:1.0");
    assertThat(report()).hasSize(3).allMatch(row -> row.contains("was there already"));
    lab.ok("%maven --offline org.acme:base");
    assertThat(report().get(0)).contains("| 1.0 | local repository");
  }

  @Test
  void offlineALostVersionNeedsNoPomAndOneThatIsUsedIsNamedIfItHasNone() throws IOException {
    lab.ok("%maven --no-sources org.acme:top:1.0");
    delete(local.resolve("org/acme/base/1.0"));
    lab.ok("%maven --offline org.acme:top:1.0");
    assertThat(report()).hasSize(4).allMatch(row -> row.contains("was there already"));
    Files.delete(local.resolve("org/acme/lib/1.0/lib-1.0.pom"));
    lab.ok("%maven --offline org.acme:top:1.0");
    assertThat(lab.lastShown()).contains("Without a POM, what these need is not known: lib");
    lab.ok("%maven --no-sources org.acme:top:1.0");
    assertThat(report()).hasSize(4);
    assertThat(lab.lastShown()).doesNotContain("Without a POM");
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void sourcesLieBesideTheJarAndAreNotOnTheClassPath() throws IOException {
    Files.delete(remote.resolve("org/acme/base/1.0/base-1.0-sources.jar"));
    lab.ok("%maven --sources org.acme:lib:1.0");
    assertThat(local.resolve("org/acme/lib/1.0/lib-1.0-sources.jar")).exists();
    assertThat(local.resolve("org/acme/base/1.0/base-1.0-sources.jar")).doesNotExist();
    lab.ok("%classpath");
    assertThat(lab.lastShown()).contains("lib-1.0.jar").doesNotContain("lib-1.0-sources");
  }

  /** Sources come in the background, after the jar; documentation is there when they are. */
  @Test
  void documentationOfAFreshLibraryIsThereOnceItsSourcesCame() throws Exception {
    Path version = remote.resolve("org/acme/base/1.0");
    try (var jar =
        new JarOutputStream(Files.newOutputStream(version.resolve("base-1.0-sources.jar")))) {
      jar.putNextEntry(new ZipEntry("base/Version.java"));
      jar.write(
          "package base; /** Knows its number. */ public class Version {}"
              .getBytes(StandardCharsets.UTF_8));
      jar.closeEntry();
    }
    lab.ok("%maven org.acme:base:1.0");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    String text = "";
    while (!text.contains("Knows its number.")) {
      assertThat(System.nanoTime()).as(text).isLessThan(deadline);
      Thread.sleep(20);
      text = lab.evaluator.inspect("base.Version", 12, 0).map(Inspection::text).orElse("");
    }
  }

  @Test
  void whatIsNotFoundIsSaidWithWhereItWasLookedForAndWhatThereIs() {
    lab.ok("%maven --no-sources org.acme:base:1.0");
    String error = lab.error("%maven org.acme:base:9.9").value();
    assertThat(error)
        .startsWith("org.acme:base:9.9 was not found")
        .contains(local.toString())
        .contains("shelf")
        .contains(remote.getFileName().toString())
        .contains("org.acme:base in 1.0")
        .contains("try:      %maven org.acme:base:1.0")
        .doesNotContain("hush");
    assertThat(lab.error("%maven org.acme:bsae:1.0").value()).contains("%maven org.acme:base");
    assertThat(lab.error("%maven com.acme:base:1.0").value()).contains("%maven org.acme:base");
    assertThat(lab.error("%maven --offline org.acme:lib:1.0").value())
        .contains("was not found")
        .contains("without --offline")
        .doesNotContain("shelf");
    assertThat(lab.error("%maven org.acme:torn:1.0").value())
        .contains("org.acme:gone:1.0, which org.acme:torn:1.0 needs, was not found");
  }

  @Test
  void aFurtherRepositoryIsAskedAndNoPasswordIsShown() throws IOException {
    Path other = folder.resolve("other");
    publish(other, "org.acme:rare:1.0", "");
    lab.ok("%maven --no-sources --repo other=" + other.toUri() + " org.acme:rare:1.0");
    assertThat(report()).containsExactly("org.acme:rare | 1.0 | other | added");
    assertThat(
            lab.error("%maven --repo other=http://me:secret@localhost:1/x org.acme:none:1.0")
                .value())
        .contains("other")
        .contains("--offline")
        .doesNotContain("secret");
    assertThat(lab.error("%maven --repo other org.acme:rare:1.0").value())
        .contains("--repo ID=URL");
  }

  @Test
  void classifiersAndPackagingsAreUnderstood() throws IOException {
    Path base = remote.resolve("org/acme/base/1.0");
    Files.copy(base.resolve("base-1.0.jar"), base.resolve("base-1.0-linux.jar"));
    lab.ok("%maven --no-sources org.acme:base:jar:linux:1.0");
    assertThat(report()).containsExactly("org.acme:base:linux | 1.0 | shelf | added");
    lab.ok("%maven --no-sources org.acme:lib:pom:1.0");
    assertThat(report()).contains("org.acme:lib | 1.0 | shelf | not for the class path");
  }

  @Test
  void brokenSettingsAreSaid() throws IOException {
    Path settings = Files.writeString(folder.resolve("broken.xml"), "<settings><nothing");
    try (Lab broken = new Lab(new Resolver(Optional.of(settings), Optional.of(local)))) {
      assertThat(broken.error("%maven org.acme:base:1.0").value()).contains("settings");
    }
  }

  @Test
  void anInterruptEndsASearchThatHangs() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String address = "http://localhost:" + silent.getLocalPort() + "/";
      CompletableFuture<ErrorReport> error =
          CompletableFuture.supplyAsync(
              () -> lab.error("%maven --repo other=" + address + " org.acme:none:1.0"));
      silent.accept(); // It has asked, and waits.
      lab.magics.interrupt();
      assertThat(error.get(10, TimeUnit.SECONDS).name()).isEqualTo("Interrupted");
    }
  }

  @Test
  void coordinatesAreCompletedFromTheLocalRepository() {
    lab.ok("%maven --no-sources org.acme:top:1.0 org.acme:base:1.0");
    assertThat(completed("%maven org.acme:b")).containsExactly("org.acme:base");
    assertThat(completed("%maven org.ac")).contains("org.acme:base", "org.acme:lib");
    assertThat(completed("%maven org.acme:lib:1.0 org.acme:base:"))
        .containsExactly("org.acme:base:1.0");
  }

  private List<String> completed(String cell) {
    return lab.magics.complete(cell, cell.length()).orElseThrow().items().stream()
        .map(Completions.Item::text)
        .toList();
  }
}
