package org.dlaclab.kernel.display;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where there is no notebook, such as in a plain JShell: text on standard output. */
final class Terminal implements Notebook {
  private final Displays displays = new Displays();

  @Override
  public <T> void show(Class<T> type, Function<? super T, Bundle> how) {
    displays.show(type, how);
  }

  @Override
  public Handle display(@Nullable Object value, String id) {
    print(value);
    return new Shown(id, this);
  }

  @Override
  public void update(@Nullable Object value, String id) {
    print(value);
  }

  private void print(@Nullable Object value) {
    Object text = displays.bundle(value).data().get("text/plain");
    if (text != null) {
      System.out.println(text);
    }
  }

  /** A terminal keeps what was printed. */
  @Override
  public void clearOutput(boolean waitForNext) {}

  @Override
  @SuppressWarnings(
      "SystemConsoleNull") // On JDK 22 to 24 it may be no terminal; that does no harm.
  public String input(String prompt, boolean password) {
    Console console = password ? System.console() : null;
    if (console != null) {
      char[] typed = console.readPassword("%s", prompt);
      return typed == null ? ended() : new String(typed);
    }
    System.out.print(prompt);
    System.out.flush();
    return line();
  }

  /** Byte by byte: a buffer would take what others read from standard input later. */
  private static String line() {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int read = System.in.read();
      if (read < 0) {
        return ended();
      }
      while (read >= 0 && read != '\n') {
        bytes.write(read);
        read = System.in.read();
      }
      String line = bytes.toString(Charset.defaultCharset());
      return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ended() {
    throw new IllegalStateException("There is no input: standard input has ended");
  }

  @Override
  public ProgressBar progress(String what, long total) {
    return new ProgressBar(what, total, new Line(), System::nanoTime);
  }

  /** Standard error keeps the line out of results that are sent to a file. */
  private static final class Line implements Consumer<Progress> {
    private int width;

    @Override
    public void accept(Progress state) {
      String line = state.line(79);
      String blank = " ".repeat(Math.max(0, width - line.length()));
      width = line.length();
      System.err.print("\r" + line + blank + (state.stage() == Progress.Stage.RUNNING ? "" : "\n"));
      System.err.flush();
    }
  }

  private record Shown(String id, Terminal terminal) implements Handle {
    @Override
    public void update(@Nullable Object value) {
      terminal.update(value, id);
    }
  }
}
