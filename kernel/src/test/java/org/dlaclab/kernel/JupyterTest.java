package org.dlaclab.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.kernel.Jupyter.clearOutput;
import static org.dlaclab.kernel.Jupyter.display;
import static org.dlaclab.kernel.Jupyter.html;
import static org.dlaclab.kernel.Jupyter.input;
import static org.dlaclab.kernel.Jupyter.password;
import static org.dlaclab.kernel.Jupyter.progress;
import static org.dlaclab.kernel.Jupyter.showAs;
import static org.dlaclab.kernel.Jupyter.updateDisplay;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Displays;
import org.dlaclab.kernel.display.Notebook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JupyterTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final InputStream realIn = System.in;

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    Jupyter.connect(Notebook.terminal());
  }

  @AfterEach
  void restore() {
    System.setOut(realOut);
    System.setErr(realErr);
    System.setIn(realIn);
    Jupyter.connect(Notebook.terminal());
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  @Test
  void withoutANotebookDisplayPrintsText() {
    display(new int[] {1, 2});
    display(null);
    display(html("<p>a <b>b</b></p>"), "h").update("new");
    updateDisplay(3, "h");
    clearOutput();
    assertThat(printed()).isEqualTo("[1, 2]\nnull\na b\n\"new\"\n3\n");
  }

  @Test
  void withoutANotebookProgressIsOneLineInPlace() {
    List<String> seen = new ArrayList<>();
    for (String value : progress("Reading", List.of("a", "b"))) {
      seen.add(value);
    }
    assertThat(seen).containsExactly("a", "b");
    String line = err.toString(StandardCharsets.UTF_8);
    assertThat(line).startsWith("\rReading: [").endsWith("\n");
    assertThat(line.substring(line.lastIndexOf('\r'))).startsWith("\rReading: 2 of 2");
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    assertThat(printed()).isEmpty();
  }

  @Test
  void withoutANotebookInputReadsALineAndLeavesTheNext() {
    System.setIn(new ByteArrayInputStream("Zoë\r\nnext\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(input("Name: ")).isEqualTo("Zoë");
    assertThat(printed()).isEqualTo("Name: ");
    assertThat(input("")).isEqualTo("next");
    assertThatThrownBy(() -> input("More: "))
        .hasMessage("There is no input: standard input has ended");
  }

  @Test
  void inANotebookTheWordsGoToIt() {
    Recording notebook = new Recording();
    Jupyter.connect(notebook);
    display(1);
    display(2, "two").update("zwei");
    updateDisplay("deux", "two");
    clearOutput();
    clearOutput(true);
    assertThat(input("A")).isEqualTo("typed");
    assertThat(password("B")).isEqualTo("typed");
    assertThat(notebook.calls)
        .containsExactly(
            "display 1 as 0",
            "display 2 as two",
            "update two to \"zwei\"",
            "update two to \"deux\"",
            "clear false",
            "clear true",
            "input A false",
            "input B true");
    assertThat(printed()).isEmpty();
  }

  @Test
  void inANotebookProgressIsOneDisplayThatChanges() {
    Recording notebook = new Recording();
    Jupyter.connect(notebook);
    Iterable<Integer> values = progress("Work", List.of(1, 2, 3));
    assertThat(notebook.calls).as("nothing begins before the loop").isEmpty();
    for (int value : values) {
      assertThat(value).isPositive();
    }
    assertThat(notebook.calls.get(0)).startsWith("display Work: [----").endsWith("as 0");
    assertThat(notebook.calls.subList(1, notebook.calls.size()))
        .allMatch(c -> c.startsWith("update 0"));
    assertThat(notebook.calls.get(notebook.calls.size() - 1)).contains("Work: 3 of 3");
  }

  /** A loop that ends with an exception has not done the step that threw. */
  @Test
  void aStepCountsWhenTheNextBegins() {
    Recording notebook = new Recording();
    Jupyter.connect(notebook);
    var values = progress("Work", List.of(1, 2)).iterator();
    values.next();
    values.next();
    assertThat(values.hasNext()).isFalse();
    assertThat(notebook.calls.get(notebook.calls.size() - 1)).contains("2 of 2");
  }

  record Point(int x) {}

  @Test
  void aTypeCanShowAsAnyOtherValue() {
    Recording notebook = new Recording();
    Jupyter.connect(notebook);
    showAs(Point.class, p -> html("<b>" + p.x() + "</b>"));
    assertThat(notebook.displays.bundle(new Point(3)).data())
        .isEqualTo(Map.of("text/html", "<b>3</b>", "text/plain", "3"));
    showAs(Point.class, p -> "point " + p.x());
    assertThat(notebook.displays.bundle(new Point(3)).data())
        .isEqualTo(Map.of("text/plain", "point 3"));
    showAs(Point.class, p -> List.of(p.x()));
    assertThat(notebook.displays.bundle(new Point(3)).data()).containsEntry("text/plain", "[3]");
  }

  private static final class Recording implements Notebook {
    final Displays displays = new Displays();
    final List<String> calls = new ArrayList<>();
    final Map<String, Object> shown = new TreeMap<>();

    private synchronized void call(String call) {
      calls.add(call);
    }

    private Object text(Object value) {
      return displays.bundle(value).data().get("text/plain");
    }

    @Override
    public <T> void show(Class<T> type, Function<? super T, Bundle> how) {
      displays.show(type, how);
    }

    @Override
    public Handle display(Object value) {
      return display(value, String.valueOf(shown.size()));
    }

    @Override
    public Handle display(Object value, String id) {
      shown.put(id, text(value));
      call("display " + text(value) + " as " + id);
      return new Handle() {
        @Override
        public String id() {
          return id;
        }

        @Override
        public void update(Object value) {
          Recording.this.update(value, id);
        }
      };
    }

    @Override
    public void update(Object value, String id) {
      call("update " + id + " to " + text(value));
    }

    @Override
    public void clearOutput(boolean waitForNext) {
      call("clear " + waitForNext);
    }

    @Override
    public String input(String prompt, boolean password) {
      call("input " + prompt + " " + password);
      return "typed";
    }
  }
}
