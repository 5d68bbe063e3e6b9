package org.dlaclab.kernel.session;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dflib.jjava.jupyter.channels.ShellReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;
import org.dflib.jjava.jupyter.messages.ContentType;
import org.dflib.jjava.jupyter.messages.publish.PublishDisplayData;
import org.dflib.jjava.jupyter.messages.publish.PublishUpdateDisplayData;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Completeness;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Outcome;
import org.jspecify.annotations.Nullable;

/** This kernel as extensions that were made for JJava see it. */
final class JJava extends BaseKernel {
  private final Evaluator evaluator;
  private final Notebook notebook;
  private final Displays displays;

  JJava(
      Evaluator evaluator,
      Notebook notebook,
      Displays displays,
      Comms comms,
      MagicsRegistry magics,
      String version) {
    super(
        Kernel.NAME,
        version,
        new LanguageInfo.Builder("java").version(System.getProperty("java.version")).build(),
        List.of(),
        null,
        new Io(notebook),
        comms,
        new Renderer(), // It gets JJava's own ways for pictures, streams and URLs.
        null,
        magics,
        true,
        new StringStyler.Builder().build());
    this.evaluator = evaluator;
    this.notebook = notebook;
    this.displays = displays;
  }

  @Override
  public Renderer getRenderer() {
    return displays.renderer();
  }

  /** Installs the extensions that a class loader sees, each once. */
  void install(ClassLoader classes) {
    installExtensions(classes);
  }

  @Override
  protected ClassLoader getClassLoader() {
    return evaluator.classLoader();
  }

  @Override
  public void display(DisplayData data) {
    show(notebook, data);
  }

  private static void show(Notebook notebook, DisplayData data) {
    if (data.hasDisplayId()) {
      notebook.display(data, data.getDisplayId());
    } else {
      notebook.display(data);
    }
  }

  @Override
  public @Nullable Object evalRaw(String source) {
    Outcome outcome = evaluator.evaluate(0, source);
    if (outcome instanceof Outcome.Failure failure) {
      ErrorReport error = failure.error();
      throw new IllegalStateException(error.name() + ": " + error.value());
    }
    return outcome instanceof Outcome.Value value ? value.value() : null;
  }

  @Override
  public DisplayData inspect(String code, int at, boolean extraDetail) {
    return evaluator
        .inspect(code, at, extraDetail ? 1 : 0)
        .map(found -> new DisplayData(found.text()))
        .orElse(DisplayData.EMPTY);
  }

  @Override
  public ReplacementOptions complete(String code, int at) {
    Completions found = evaluator.complete(code, at);
    return new ReplacementOptions(
        found.items().stream().map(Completions.Item::text).toList(), found.start(), found.end());
  }

  @Override
  public String isComplete(String code) {
    Completeness completeness = evaluator.completeness(code);
    if (completeness instanceof Completeness.Incomplete incomplete) {
      return incomplete.indent();
    }
    return completeness instanceof Completeness.Complete ? IS_COMPLETE_YES : IS_COMPLETE_BAD;
  }

  /** Displays that bypass the kernel, as JJava's static words do. */
  private static final class Io extends JupyterIO {
    Io(Notebook notebook) {
      super(StandardCharsets.UTF_8);
      setEnv(new Environment(notebook));
    }
  }

  private static final class Environment extends ShellReplyEnvironment {
    private final Notebook notebook;

    Environment(Notebook notebook) {
      super(null, null, null, null);
      this.notebook = notebook;
    }

    @Override
    public <T extends ContentType<T>> void publish(T content) {
      if (content instanceof PublishUpdateDisplayData update) {
        notebook.update(update, update.getDisplayId());
      } else if (content instanceof PublishDisplayData shown) {
        show(notebook, shown);
      }
    }

    @Override
    public void writeToStdOut(String text) {
      System.out.print(text);
    }

    @Override
    public void writeToStdErr(String text) {
      System.err.print(text);
    }

    @Override
    public String readFromStdIn(String prompt, boolean password) {
      return notebook.input(prompt, password);
    }
  }
}
