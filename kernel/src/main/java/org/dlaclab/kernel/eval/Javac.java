package org.dlaclab.kernel.eval;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The JDK's compiler, as its public interface offers it. */
final class Javac {
  private static final JavaCompiler COMPILER = installed();

  private Javac() {}

  private static JavaCompiler installed() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException(
          "This Java has no compiler: it is a runtime without the module jdk.compiler. Use a JDK.");
    }
    return compiler;
  }

  static JavaCompiler compiler() {
    return COMPILER;
  }

  /** A compiler run over one source. */
  static JavacTask task(
      String source,
      @Nullable JavaFileManager files,
      DiagnosticCollector<JavaFileObject> problems,
      List<String> options) {
    return (JavacTask)
        COMPILER.getTask(
            new StringWriter(), files, problems, options, null, List.of(new Source(source)));
  }

  /**
   * The syntax errors of a source, in order.
   *
   * @param files must not be in use by another run
   */
  static List<Diagnostic<? extends JavaFileObject>> errors(String source, JavaFileManager files) {
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try {
      task(source, files, problems, List.of("-proc:none")).parse();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Diagnostic<? extends JavaFileObject>> errors = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> problem : problems.getDiagnostics()) {
      if (problem.getKind() == Diagnostic.Kind.ERROR) {
        errors.add(problem);
      }
    }
    return errors;
  }

  /**
   * A file manager that remembers what the JDK's packages hold. The compiler asks for all of them
   * again in each run, which is half of the time that a look at a name takes.
   */
  static final class Remembering extends ForwardingJavaFileManager<StandardJavaFileManager> {
    private record Listing(Location place, String folder, Set<JavaFileObject.Kind> kinds) {}

    private final Map<Listing, List<JavaFileObject>> listings = new HashMap<>();

    Remembering(StandardJavaFileManager files) {
      super(files);
    }

    @Override
    public Iterable<JavaFileObject> list(
        Location place, String folder, Set<JavaFileObject.Kind> kinds, boolean recurse)
        throws IOException {
      if (recurse || !place.getName().startsWith("SYSTEM_MODULES[")) {
        return super.list(place, folder, kinds, recurse);
      }
      Listing listing = new Listing(place, folder, Set.copyOf(kinds));
      List<JavaFileObject> known = listings.get(listing);
      if (known == null) {
        known = new ArrayList<>();
        super.list(place, folder, kinds, false).forEach(known::add);
        listings.put(listing, known);
      }
      return known;
    }
  }

  /** A source in memory. */
  static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Cell.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
