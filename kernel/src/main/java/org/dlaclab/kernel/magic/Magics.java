package org.dlaclab.kernel.magic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.ErrorReport;
import org.dlaclab.kernel.eval.Evaluator;
import org.dlaclab.kernel.eval.Inspection;
import org.dlaclab.kernel.eval.Outcome;
import org.jspecify.annotations.Nullable;

/** The door to all magics: runs cells that have some. */
public final class Magics {
  /** The name that the evaluator gives to errors of the compiler. */
  static final String COMPILATION_ERROR = "CompilationError";

  private static final String INTERRUPTED = "Interrupted";

  private final Evaluator evaluator;
  private final MagicsRegistry registry;
  private final Supplier<BaseKernel> kernel;
  private final Function<Object, Notebook.@Nullable Handle> show;
  private final Interrupts interrupts = new Interrupts();
  private final AtomicInteger interruptions = new AtomicInteger();
  private final Map<String, Magic> magics = new LinkedHashMap<>();

  /**
   * @param registry magics of JJava extensions; one of the same name as ours is not called
   * @param kernel what those magics are given
   * @param show displays a value below the cell, such as a {@link Bundle}
   * @param newClasses called when the class path has grown, to install what is new on it
   */
  public Magics(
      Evaluator evaluator,
      MagicsRegistry registry,
      Supplier<BaseKernel> kernel,
      Function<Object, Notebook.@Nullable Handle> show,
      Runnable newClasses) {
    this(
        evaluator,
        new Resolver(Optional.empty(), Optional.empty()),
        registry,
        kernel,
        show,
        newClasses);
  }

  Magics(
      Evaluator evaluator,
      Resolver resolver,
      MagicsRegistry registry,
      Supplier<BaseKernel> kernel,
      Function<Object, Notebook.@Nullable Handle> show,
      Runnable newClasses) {
    this.evaluator = evaluator;
    this.registry = registry;
    this.kernel = kernel;
    this.show = show;
    ClassPath classPath = new ClassPath(evaluator, newClasses);
    Environment environment = new Environment(this::show);
    for (Magic magic :
        List.of(
            new ListMagics(),
            new ClassPathMagic(classPath, this::show),
            new Jars(classPath),
            new Maven(resolver, classPath, interrupts, show),
            new Time(this::run),
            new TimeIt(evaluator),
            new Who(evaluator, this::show),
            new Reset(evaluator),
            new Load(this::run),
            new Bash(environment, interrupts),
            environment,
            new JavaSource(evaluator))) {
      magics.put(magic.help().name(), magic);
    }
  }

  /**
   * Runs a whole cell: Java code and magics in the order they stand. The outcome is that of the
   * last part, or the first failure. A cell without magic goes straight to the evaluator.
   *
   * @param count the cell's number, as in {@code In [3]}
   */
  public Outcome run(int count, String cell) {
    return run(count, Cell.parse(cell));
  }

  private Outcome run(int count, Cell cell) {
    int before = interruptions.get();
    if (cell.assigned().isPresent()) {
      Cell.Call call = cell.assigned().get();
      return failure(
          count,
          cell,
          call,
          new MagicException(
              "%" + call.name() + " has no value that a variable could hold",
              "Java code behind the equals sign",
              "the magic on a line of its own"
                  + (call.name().equals("time") ? ": %time var x = ..." : "")));
    }
    Outcome outcome = new Outcome.Nothing();
    for (Cell.Part part : cell.parts()) {
      if (interruptions.get() != before) {
        String message = "before line " + cell.lineOf(part.start()) + " began";
        return new Outcome.Failure(
            new ErrorReport(INTERRUPTED, message, List.of(heading(INTERRUPTED, message))));
      }
      if (part instanceof Cell.Call call) {
        outcome = call(count, cell, call);
      } else if (part instanceof Cell.Java code) {
        outcome = evaluator.evaluate(count, cell.only(code.start(), code.end()));
      }
      if (outcome instanceof Outcome.Failure failure) {
        return part instanceof Cell.Java ? hinted(cell, failure) : failure;
      }
    }
    return outcome;
  }

  /** Ends what magics do now, such as processes and downloads; returns at once. */
  public void interrupt() {
    interruptions.incrementAndGet();
    interrupts.interrupt();
  }

  private Outcome call(int count, Cell cell, Cell.Call call) {
    try {
      Magic magic = magics.get(call.name());
      if (magic == null) {
        return foreign(cell, call);
      }
      Help help = magic.help();
      if (call.help() || asksForHelp(cell, call)) {
        Inspection inspection = help.inspection();
        show(Bundle.text(inspection.text()).with("text/markdown", inspection.markdown()));
        return new Outcome.Nothing();
      }
      placed(cell, call, help.form().line(), help.form().cell());
      return magic.run(Invocation.read(count, cell, call, help));
    } catch (MagicException e) {
      return failure(count, cell, call, e);
    } catch (InterruptedException e) {
      return new Outcome.Failure(
          error(
              count,
              cell,
              call,
              INTERRUPTED,
              (call.cell() ? "%%" : "%") + call.name() + " was interrupted"));
    } catch (Exception | LinkageError e) {
      return new Outcome.Failure(evaluator.report(count, cell.text(), e));
    }
  }

  private static boolean asksForHelp(Cell cell, Cell.Call call) {
    String arguments = cell.text().substring(call.arguments(), call.end()).strip();
    return arguments.equals("--help") || arguments.equals("-h") || arguments.equals("?");
  }

  /** Refuses a magic where it cannot work. */
  private void placed(Cell cell, Cell.Call call, boolean line, boolean asCell)
      throws MagicException {
    if (call.cell() && !cell.heads(call)) {
      throw new MagicException(
          "%%" + call.name() + " stands below other code",
          "a magic with two percent signs on the first line of its cell, since all lines below it"
              + " are its own",
          line ? "%" + call.name() + " with one percent sign, or a new cell" : "a new cell");
    }
    if (call.cell() && !asCell) {
      throw new MagicException(
          "%%" + call.name() + " does not take the lines below it",
          "%" + call.name() + " with one percent sign",
          "%" + call.name() + "? shows its help");
    }
    if (!call.cell() && !line) {
      throw new MagicException(
          "%" + call.name() + " takes the lines below it",
          "%%" + call.name() + " with two percent signs on the first line of the cell",
          "%" + call.name() + "? shows its help");
    }
  }

  /** A magic that a library has registered. */
  private Outcome foreign(Cell cell, Cell.Call call) throws Exception {
    boolean line = registry.getLineMagicNames().contains(call.name());
    boolean asCell = registry.getCellMagicNames().contains(call.name());
    if (!line && !asCell) {
      throw unknown(call);
    }
    placed(cell, call, line, asCell);
    List<String> words =
        Word.split(cell.text(), call.arguments(), call.end()).stream().map(Word::text).toList();
    @Nullable Object value =
        call.cell()
            ? registry.evalCellMagic(
                kernel.get(), call.name(), words, cell.text().substring(call.body()))
            : registry.evalLineMagic(kernel.get(), call.name(), words);
    return value == null ? new Outcome.Nothing() : new Outcome.Value(value);
  }

  private MagicException unknown(Cell.Call call) {
    String sign = call.cell() ? "%%" : "%";
    if (call.name().isEmpty()) {
      return new MagicException(
          "a magic without a name", "the name directly behind the percent sign", "%lsmagic");
    }
    return new MagicException(
        "there is no magic " + sign + call.name(),
        "one of those that %lsmagic lists",
        Nearest.to(call.name(), names()).map(name -> sign(name) + name).orElse("%lsmagic"));
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>(magics.keySet());
    names.addAll(registry.getLineMagicNames());
    names.addAll(registry.getCellMagicNames());
    return names;
  }

  private String sign(String name) {
    Magic magic = magics.get(name);
    boolean line =
        magic == null ? registry.getLineMagicNames().contains(name) : magic.help().form().line();
    return line ? "%" : "%%";
  }

  private void show(Object value) {
    var unused = show.apply(value);
  }

  /** A compile error, with a hint where a magic was not taken for one. */
  private Outcome hinted(Cell cell, Outcome.Failure failure) {
    ErrorReport error = failure.error();
    Optional<Cell.Call> skipped =
        cell.skipped().stream().filter(call -> names().contains(call.name())).findFirst();
    if (!error.name().equals(COMPILATION_ERROR) || skipped.isEmpty()) {
      return failure;
    }
    String hint =
        "Line "
            + cell.lineOf(skipped.get().start())
            + ": %"
            + skipped.get().name()
            + " was read as a remainder, since the code before it is not complete."
            + " A magic stands outside of braces, after a statement that ends with a semicolon.";
    return new Outcome.Failure(
        new ErrorReport(
            error.name(),
            error.value(),
            Stream.concat(error.traceback().stream(), Stream.of(hint)).toList()));
  }

  private static Outcome failure(int count, Cell cell, Cell.Call call, MagicException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    return new Outcome.Failure(error(count, cell, call, "MagicError", message));
  }

  private static ErrorReport error(
      int count, Cell cell, Cell.Call call, String name, String message) {
    int start = call.start();
    return new ErrorReport(
        name,
        message,
        List.of(
            heading(name, message),
            "  In [" + count + "], line " + cell.lineOf(start) + ":",
            "    " + cell.text().substring(start, call.end())));
  }

  private static String heading(String name, String message) {
    return "\u001b[1;31m" + name + "\u001b[0m: " + message;
  }

  /**
   * What may stand at the cursor (UTF-16 units) in a magic's line or body; empty in Java code, for
   * which {@link #java} and the evaluator know better.
   */
  public Optional<Completions> complete(String cell, int cursor) {
    Cell parsed = Cell.parse(cell);
    Cell.Call call = parsed.callAt(cursor).orElse(null);
    if (call == null || inJava(parsed, call, cursor)) {
      return Optional.empty();
    }
    int nameStart = call.start() + (call.cell() ? 2 : 1);
    int nameEnd = nameStart + call.name().length();
    if (cursor <= nameEnd) {
      String typed = cell.substring(nameStart, Math.max(nameStart, cursor));
      return Optional.of(new Completions(call.start(), nameEnd, namesFor(parsed, call, typed)));
    }
    Magic magic = magics.get(call.name());
    if (magic == null || cursor > call.end()) {
      return Optional.of(new Completions(cursor, cursor, List.of()));
    }
    Word word =
        Word.split(cell, call.arguments(), call.end()).stream()
            .filter(w -> w.start() <= cursor && cursor <= w.end())
            .findFirst()
            .orElse(new Word("", cursor, cursor, true));
    String typed =
        Word.split(cell, word.start(), cursor).stream().findFirst().map(Word::text).orElse("");
    List<Completions.Item> items = new ArrayList<>();
    if (typed.startsWith("-") || typed.isEmpty()) {
      for (Help.Option option : magic.help().options()) {
        if (option.name().startsWith(typed)) {
          items.add(new Completions.Item(option.name(), "magic", "  " + option.meaning(), false));
        }
      }
    }
    if (!magic.help().javaCode() && !typed.startsWith("-")) {
      items.addAll(0, magic.suggest(typed));
    }
    return Optional.of(new Completions(word.start(), word.end(), items));
  }

  private List<Completions.Item> namesFor(Cell cell, Cell.Call call, String typed) {
    List<Completions.Item> items = new ArrayList<>();
    for (String name : names()) {
      if (!name.startsWith(typed)) {
        continue;
      }
      Magic magic = magics.get(name);
      boolean line =
          magic == null ? registry.getLineMagicNames().contains(name) : magic.help().form().line();
      boolean asCell =
          magic == null ? registry.getCellMagicNames().contains(name) : magic.help().form().cell();
      String summary = magic == null ? "  of a library" : "  " + magic.help().summary();
      if (line && !call.cell()) {
        items.add(new Completions.Item("%" + name, "magic", summary, false));
      }
      if (asCell && cell.parts().get(0).equals(call)) {
        items.add(new Completions.Item("%%" + name, "magic", summary, false));
      }
    }
    return items;
  }

  /** Help of the magic at the cursor (UTF-16 units); empty in Java code. */
  public Optional<Inspection> inspect(String cell, int cursor) {
    Cell parsed = Cell.parse(cell);
    return parsed
        .callAt(Math.min(cell.length(), cursor + 1))
        .filter(call -> cursor <= call.end() && !inJava(parsed, call, cursor))
        .map(call -> magics.get(call.name()))
        .map(magic -> magic.help().inspection());
  }

  /**
   * The cell as Java code, for completion, inspection and completeness: magics are blank, all else
   * stands where it stood. Java code that a magic runs stays, behind a semicolon.
   */
  public String java(String cell) {
    Cell parsed = Cell.parse(cell);
    StringBuilder code = new StringBuilder();
    for (Cell.Part part : parsed.parts()) {
      if (part instanceof Cell.Java java) {
        code.append(parsed.blank(code.length(), java.start()));
        code.append(cell, java.start(), java.end());
      } else if (part instanceof Cell.Call call) {
        code.append(parsed.blank(code.length(), call.start()));
        if (takesJava(call)) {
          int rest = javaStart(parsed, call);
          code.append(';').append(parsed.blank(call.start() + 1, rest));
          code.append(cell, rest, call.end());
          if (parsed.heads(call)) {
            code.append(parsed.blank(call.end(), call.body()));
            code.append(
                java(parsed.blank(0, call.body()) + cell.substring(call.body())),
                call.body(),
                cell.length());
          }
        }
      }
    }
    return code + parsed.blank(code.length(), cell.length());
  }

  private boolean takesJava(Cell.Call call) {
    Magic magic = magics.get(call.name());
    return magic != null && magic.help().javaCode() && !call.help();
  }

  private boolean inJava(Cell cell, Cell.Call call, int cursor) {
    return takesJava(call)
        && cursor > call.start() + call.name().length() + 1
        && cursor >= javaStart(cell, call);
  }

  /** Where the Java code among a magic's arguments begins. */
  private int javaStart(Cell cell, Cell.Call call) {
    Magic magic = magics.get(call.name());
    try {
      return magic == null ? call.end() : Invocation.read(0, cell, call, magic.help()).rest();
    } catch (MagicException e) {
      return call.end();
    }
  }

  /** All magics. */
  private final class ListMagics implements Magic {
    @Override
    public Help help() {
      return new Help(
          "lsmagic",
          Help.Form.LINE,
          false,
          "Lists all magics.",
          "",
          List.of(),
          "%lsmagic",
          "%name? shows the help of one.");
    }

    @Override
    public Outcome run(Invocation call) {
      List<List<String>> rows = new ArrayList<>();
      for (String name : names()) {
        Magic magic = magics.get(name);
        if (magic != null) {
          Help help = magic.help();
          String both = help.form() == Help.Form.BOTH ? ", %%" + name : "";
          rows.add(List.of(help.sign() + both, help.summary()));
        } else {
          boolean line = registry.getLineMagicNames().contains(name);
          boolean asCell = registry.getCellMagicNames().contains(name);
          String signs = (line ? "%" + name : "") + (line && asCell ? ", " : "");
          rows.add(List.of(signs + (asCell ? "%%" + name : ""), "Of a library on the class path."));
        }
      }
      show(
          new Listing(List.of("magic", "what it does"), rows, "%name? shows the help of one.")
              .bundle());
      return new Outcome.Nothing();
    }
  }
}
