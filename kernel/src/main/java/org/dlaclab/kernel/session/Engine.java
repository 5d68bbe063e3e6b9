package org.dlaclab.kernel.session;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dlaclab.kernel.Jupyter;
import org.dlaclab.kernel.display.DisplayProvider;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Completeness;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Inspection;
import org.dlaclab.kernel.eval.Outcome;
import org.dlaclab.kernel.magic.Magics;

/**
 * What runs cells and answers questions about code: Java and magics together, with what libraries
 * add.
 */
final class Engine implements AutoCloseable {
  /** What JShell's own startup imports, and what notebooks need most. */
  private static final List<String> IMPORTS =
      List.of(
          "import java.io.*;",
          "import java.math.*;",
          "import java.net.*;",
          "import java.nio.file.*;",
          "import java.time.*;",
          "import java.util.*;",
          "import java.util.concurrent.*;",
          "import java.util.function.*;",
          "import java.util.regex.*;",
          "import java.util.stream.*;",
          "import static " + Jupyter.class.getName() + ".*;");

  private final Evaluator evaluator;
  private final Magics magics;
  private final JJava jjava;
  private final Notebook notebook;
  private final Set<String> installed = ConcurrentHashMap.newKeySet();

  /** What takes the time of a start, and needs no front end: Java, with what libraries import. */
  record Base(Evaluator evaluator, List<DisplayProvider> providers) {
    static Base create() {
      return create(Engine.class.getClassLoader());
    }

    static Base create(ClassLoader libraries) {
      List<DisplayProvider> providers = load(libraries, name -> true);
      Set<String> startup = new LinkedHashSet<>(IMPORTS);
      providers.forEach(provider -> startup.addAll(provider.imports()));
      try {
        return new Base(new Evaluator(List.copyOf(startup)), providers);
      } catch (IllegalStateException e) {
        complain("cells begin without the imports of libraries: " + e.getMessage());
        return new Base(new Evaluator(IMPORTS), providers);
      }
    }
  }

  Engine(Base base, Displays displays, Notebook notebook, Comms comms, String version) {
    this.notebook = notebook;
    evaluator = base.evaluator();
    MagicsRegistry registry = new MagicsRegistry();
    jjava = new JJava(evaluator, notebook, displays, comms, registry, version);
    magics = new Magics(evaluator, registry, this::jjava, notebook::display, this::newClasses);
    for (DisplayProvider provider : base.providers()) {
      installed.add(provider.getClass().getName());
      install(provider);
    }
    try {
      jjava.onStartup();
    } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
      complain("a library's extension could not be installed: " + e);
    }
  }

  /** The providers that a class loader sees; one that fails is reported, and costs no other. */
  private static List<DisplayProvider> load(ClassLoader classes, Predicate<String> wanted) {
    List<DisplayProvider> providers = new ArrayList<>();
    Iterator<ServiceLoader.Provider<DisplayProvider>> found =
        ServiceLoader.load(DisplayProvider.class, classes).stream().iterator();
    while (true) {
      try {
        if (!found.hasNext()) {
          return providers;
        }
        ServiceLoader.Provider<DisplayProvider> next = found.next();
        if (wanted.test(next.type().getName())) {
          providers.add(next.get());
        }
      } catch (ServiceConfigurationError e) {
        complain("a library's display could not be loaded: " + e.getMessage());
      }
    }
  }

  private void install(DisplayProvider provider) {
    try {
      provider.install(notebook);
    } catch (RuntimeException | LinkageError e) {
      complain("the display " + provider.getClass().getName() + " could not be installed: " + e);
    }
  }

  private static void complain(String what) {
    System.err.println("note: " + what);
  }

  private JJava jjava() {
    return jjava;
  }

  /** The class path has grown: libraries may have brought displays, imports and magics. */
  private void newClasses() {
    ClassLoader classes = evaluator.classLoader();
    for (DisplayProvider provider : load(classes, installed::add)) {
      install(provider);
      if (!provider.imports().isEmpty()) {
        evaluator.evaluate(0, String.join("\n", provider.imports()));
      }
    }
    jjava.install(classes);
  }

  Outcome run(int count, String cell) {
    return magics.run(count, cell);
  }

  /** Java alone, as in user_expressions. */
  Outcome evaluate(int count, String code) {
    return evaluator.evaluate(count, code);
  }

  /** Runs code of ours that calls the cell's, so that an interrupt ends it. */
  <T> Optional<T> call(int count, Supplier<T> code) {
    return evaluator.call(count, code);
  }

  /** How an exception shows that code threw which was run with {@link #call}. */
  ErrorReport report(Throwable thrown) {
    return evaluator.report(0, "", thrown);
  }

  void interrupt() {
    magics.interrupt();
    evaluator.interrupt();
  }

  Completeness completeness(String cell) {
    return evaluator.completeness(magics.java(cell));
  }

  Completions complete(String cell, int cursor) {
    return magics
        .complete(cell, cursor)
        .orElseGet(() -> evaluator.complete(magics.java(cell), cursor));
  }

  Optional<Inspection> inspect(String cell, int cursor, int detail) {
    return magics
        .inspect(cell, cursor)
        .or(() -> evaluator.inspect(magics.java(cell), cursor, detail));
  }

  @Override
  public void close() {
    jjava.onShutdown(false);
    evaluator.close();
  }
}
