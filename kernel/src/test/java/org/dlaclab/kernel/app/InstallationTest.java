package org.dlaclab.kernel.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The kernel where Jupyter finds it. One real installation serves all tests that only look. */
@Timeout(60)
class InstallationTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final List<String> ENTRIES = List.of(CLASS_PATH.split(File.pathSeparator, -1));

  @TempDir private static Path shared;
  private static Path folder;
  private static String said;

  @TempDir private Path prefix;

  /** Installs from jars, over an old installation, into a folder with a space in its name. */
  @BeforeAll
  static void install() throws IOException {
    Path jars = Files.createDirectories(shared.resolve("build"));
    List<String> path = new ArrayList<>();
    path.add(jar(jars.resolve("dlac-kernel.jar")).toString());
    Files.writeString(jars.resolve("dlac-kernel-sources.jar"), "sources");
    path.add(
        jar(Files.createDirectories(jars.resolve("other")).resolve("dlac-kernel.jar")).toString());
    ENTRIES.stream()
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.matches(".*(archunit|assertj|byte-buddy|junit|surefire).*"))
        .forEach(path::add);
    Options options =
        options(
            shared.resolve("a prefix"), "--jvm-arg", "-Dtest.quote=a \"b\" \\c", "--env", "WHO=me");
    folder = options.folder();
    pretend(folder);
    System.setProperty("java.class.path", String.join(File.pathSeparator, path));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(Installation.install(options, new PrintStream(out, true, StandardCharsets.UTF_8)))
        .isZero();
    said = out.toString(StandardCharsets.UTF_8);
  }

  @AfterAll
  static void restore() {
    System.setProperty("java.class.path", CLASS_PATH);
  }

  /** The classes of this build as a jar. */
  private static Path jar(Path jar) throws IOException {
    Path classes =
        ENTRIES.stream()
            .map(Path::of)
            .filter(entry -> Files.exists(entry.resolve("org/dlaclab/kernel/app/Main.class")))
            .findFirst()
            .orElseThrow();
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream zip = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
      }
    }
    return jar;
  }

  private static Options options(Path prefix, String... more) {
    List<String> args = new ArrayList<>(List.of("--prefix", prefix.toString()));
    args.addAll(List.of(more));
    return Options.of(args, Folders.here());
  }

  /** An installation such as an earlier version may have made. */
  private static void pretend(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("lib"));
    Files.writeString(folder.resolve("lib/old.jar"), "old");
    Files.writeString(folder.resolve("jvm.options"), "-Dold=yes");
    Files.writeString(
        folder.resolve("kernel.json"), "{\"argv\": [\"java\", \"" + Main.class.getName() + "\"]}");
  }

  private static void quietly(Options options) {
    Installation.install(options, new PrintStream(OutputStream.nullOutputStream()));
  }

  private static JsonObject spec() throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("kernel.json")))
        .getAsJsonObject();
  }

  @Test
  void itSaysWhereItIsAndHowLongItTook() {
    assertThat(said)
        .startsWith("installed the kernel 'Java (DLAC Lab)' in " + folder)
        .doesNotContain("without an archive");
  }

  @Test
  void jupyterIsToldHowToStartAndToInterruptIt() throws IOException {
    JsonObject spec = spec();
    List<String> argv = new ArrayList<>();
    spec.getAsJsonArray("argv").forEach(argument -> argv.add(argument.getAsString()));
    assertThat(argv)
        .containsExactly(
            Installation.java().toString(),
            "@" + folder.resolve("jvm.options"),
            "org.dlaclab.kernel.app.Main",
            "{connection_file}");
    assertThat(Path.of(argv.get(0))).isExecutable();
    assertThat(spec.get("display_name").getAsString()).isEqualTo("Java (DLAC Lab)");
    assertThat(spec.get("language").getAsString()).isEqualTo("java");
    assertThat(spec.get("interrupt_mode").getAsString()).isEqualTo("message");
    assertThat(spec.getAsJsonObject("env").get("WHO").getAsString()).isEqualTo("me");
  }

  @Test
  void itsPicturesAreThereInTheirSizes() throws IOException {
    for (int size : new int[] {32, 64}) {
      File picture = folder.resolve("logo-" + size + "x" + size + ".png").toFile();
      assertThat(ImageIO.read(picture).getWidth()).isEqualTo(size);
    }
    assertThat(folder.resolve("logo-svg.svg")).content().contains("<svg");
  }

  @Test
  void jarsAreCopiedWithTheirSourcesAndNoneTakesAnothersPlace() throws IOException {
    assertThat(folder.resolve("lib"))
        .isDirectoryContaining("glob:**/dlac-kernel.jar")
        .isDirectoryContaining("glob:**/dlac-kernel-2.jar")
        .isDirectoryContaining("glob:**/gson-*.jar");
    assertThat(folder.resolve("lib/dlac-kernel-sources.jar")).hasContent("sources");
    List<String> options = Files.readAllLines(folder.resolve("jvm.options"));
    String path = options.get(options.indexOf("\"-cp\"") + 1).replace("\"", "");
    assertThat(path.split(File.pathSeparator, -1))
        .allSatisfy(entry -> assertThat(Path.of(entry)).exists().startsWith(folder));
  }

  @Test
  void anArchiveOfTheClassesOfAStartIsMadeAndNamed() throws IOException {
    assertThat(folder.resolve("classes.archive")).isNotEmptyFile();
    assertThat(Files.readAllLines(folder.resolve("jvm.options")).get(0))
        .matches("\"-XX:(AOTCache|SharedArchiveFile)=.*classes\\.archive\"");
  }

  @Test
  void whatAnOldInstallationHadIsGone() throws IOException {
    assertThat(folder.resolve("lib/old.jar")).doesNotExist();
    assertThat(Files.readString(folder.resolve("jvm.options"))).doesNotContain("-Dold");
  }

  @Test
  void theDoctorStartsItAndEditedOptionsAreUsed() throws IOException {
    Doctored good = doctored();
    assertThat(good.content()).as(good.said()).isTrue();
    assertThat(good.said()).contains("ok", "answers", "DLAC Lab kernel");

    Path options = folder.resolve("jvm.options");
    String before = Files.readString(options);
    assertThat(before).contains("\"-Dtest.quote=a \\\"b\\\" \\\\c\"");
    Files.writeString(options, before + "-XX:NoSuchOption=1\n");
    try {
      Doctored bad = doctored();
      assertThat(bad.content()).isFalse();
      assertThat(bad.said())
          .contains("MISSING", "ends before it answers", "NoSuchOption", options.toString());
    } finally {
      Files.writeString(options, before);
    }
  }

  private record Doctored(boolean content, String said) {}

  private static Doctored doctored() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Doctor doctor = new Doctor(new PrintStream(out, true, StandardCharsets.UTF_8));
    doctor.kernel(options(shared.resolve("a prefix")));
    return new Doctored(doctor.isContent(), out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void optionsWithWhichJavaDoesNotStartAreRefusedWithItsWords() {
    Options options = options(prefix, "--jvm-arg", "-Xmx8gg");
    assertThatThrownBy(() -> quietly(options))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("-Xmx8gg");
    assertThat(options.folder().resolve("kernel.json"))
        .as("what would make Jupyter see half a kernel")
        .doesNotExist();
  }

  @Test
  void anotherKernelIsNotTouched() throws IOException {
    Options options = options(prefix, "--name", "python3");
    Files.createDirectories(options.folder());
    Path spec =
        Files.writeString(options.folder().resolve("kernel.json"), "{\"argv\": [\"python\"]}");
    assertThatThrownBy(() -> quietly(options))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("it holds another kernel");
    assertThatThrownBy(() -> Installation.uninstall(options, System.out))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("it holds another kernel");
    assertThat(spec).exists();
  }

  @Test
  void filesOfTheUserAreNotRemoved() throws IOException {
    Options options = options(prefix);
    pretend(options.folder());
    Path mine = Files.writeString(options.folder().resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> quietly(options))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("notes.txt, which is not this kernel's");
    assertThatThrownBy(() -> Installation.uninstall(options, System.out))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("notes.txt");
    assertThat(mine).exists();
    assertThat(options.folder().resolve("lib/old.jar")).exists();
  }

  @Test
  void aFolderThatIsNotOursToWriteIsAClearError() throws IOException {
    Path file = Files.createFile(prefix.resolve("file"));
    assertThatThrownBy(() -> quietly(options(file)))
        .isInstanceOfSatisfying(UserError.class, e -> assertThat(e.code()).isEqualTo(1))
        .hasMessageContaining("cannot install to " + file)
        .hasMessageContaining("--prefix FOLDER install elsewhere");
    // Root may write anywhere.
    if (prefix.toFile().setWritable(false) && !Files.isWritable(prefix)) {
      assertThatThrownBy(() -> quietly(options(prefix)))
          .hasMessageContaining("is not yours to write");
    }
    assertThat(prefix.toFile().setWritable(true)).isTrue();
  }

  @Test
  void uninstallingRemovesAllOfIt() throws IOException {
    Options options = options(prefix);
    pretend(options.folder());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(Installation.uninstall(options, new PrintStream(out, true, StandardCharsets.UTF_8)))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8).strip())
        .isEqualTo("removed " + options.folder());
    assertThat(options.folder()).doesNotExist();
  }

  @Test
  void whatIsNotThereCannotBeUninstalled() {
    assertThatThrownBy(() -> Installation.uninstall(options(prefix), System.out))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("there is no kernel 'dlac' in " + prefix);
  }

  @Test
  void nothingButTheInstallationIsInItsFolder() throws IOException {
    try (Stream<Path> content = Files.list(folder)) {
      assertThat(content.map(path -> path.getFileName().toString()).collect(Collectors.toSet()))
          .containsExactlyInAnyOrder(
              "kernel.json",
              "jvm.options",
              "classes.archive",
              "lib",
              "logo-32x32.png",
              "logo-64x64.png",
              "logo-svg.svg");
    }
  }
}
