package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dlaclab.kernel.display.DisplayProvider;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that is broken costs the user its own words, and no others. */
class EngineTest {
  @TempDir private Path folder;

  /** Imports what is not there. */
  public static final class Broken implements DisplayProvider {
    /** For the service loader. */
    public Broken() {}

    @Override
    public List<String> imports() {
      return List.of("import no.such.Library;");
    }

    @Override
    public void install(Notebook notebook) {}
  }

  @Test
  void cellsRunWithoutTheImportsOfALibraryThatIsBroken() throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(DisplayProvider.class.getName()),
        "no.such.Provider\n" + Broken.class.getName() + "\n");
    URL[] urls = {folder.toUri().toURL()};
    try (URLClassLoader libraries = new URLClassLoader(urls, EngineTest.class.getClassLoader())) {
      Engine.Base base = Engine.Base.create(libraries);
      try (var evaluator = base.evaluator()) {
        assertThat(base.providers()).hasAtLeastOneElementOfType(Broken.class);
        assertThat(evaluator.evaluate(1, "List.of(40 + 2).get(0)"))
            .isEqualTo(new Outcome.Value(42));
      }
    }
  }
}
