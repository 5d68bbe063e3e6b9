package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An exception as a reader of a notebook needs it: what was thrown and why, and where in which
 * cell. Frames of libraries are kept, but few; those of JShell, of reflection and of the kernel are
 * not.
 */
final class ExceptionReport {
  private static final int MAX_EXCEPTIONS = 12;
  private static final int MAX_CELL_FRAMES = 10;
  private static final int MAX_LIBRARY_FRAMES = 8;
  private static final int MAX_LIBRARY_FRAMES_OF_CAUSE = 3;
  private static final int MAX_MESSAGE_LINES = 40;
  private static final int MAX_MESSAGE = 4000;
  private static final int MAX_MESSAGE_OF_CAUSE = 800;
  private static final int CONTEXT = 2;

  /** The class that JShell puts around each snippet. */
  private static final Pattern WRAPPER = Pattern.compile("(?:REPL\\.)?\\$JShell\\$\\w+[$.]?");

  /** How the compiler names the body of a lambda: {@code lambda$name$0}. */
  private static final Pattern LAMBDA = Pattern.compile("lambda\\$(.*)\\$\\d+");

  private static final Pattern HIDDEN =
      Pattern.compile(
          "(?:jdk\\.internal|sun|com\\.sun|java\\.lang\\.reflect|java\\.lang\\.invoke|jdk\\.jshell"
              + "|org\\.dlaclab\\.kernel)\\..*");

  private final Map<StackTraceElement, Place> places;
  private final List<String> lines = new ArrayList<>();
  private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private ExceptionReport(Map<StackTraceElement, Place> places) {
    this.places = places;
  }

  static ErrorReport of(Throwable thrown, Map<StackTraceElement, Place> places) {
    ExceptionReport report = new ExceptionReport(places);
    report.add("", thrown, "", new StackTraceElement[0]);
    return new ErrorReport(name(thrown), message(thrown), report.lines);
  }

  /** Whether a frame is in a cell's code. */
  static boolean isInCell(StackTraceElement frame) {
    return WRAPPER.matcher(frame.getClassName()).lookingAt();
  }

  /** The method that a frame of a cell is in, as a user knows it. */
  static String in(StackTraceElement frame) {
    String type = WRAPPER.matcher(frame.getClassName()).replaceFirst("").replace('$', '.');
    String method = LAMBDA.matcher(frame.getMethodName()).replaceFirst("$1");
    if (method.startsWith("do_it$")) {
      return "";
    }
    return switch (method) {
      case "<init>", "new" -> "in new " + type + "()";
      case "<clinit>", "static" -> "in " + type;
      default -> "in " + (type.isEmpty() ? "" : type + ".") + method + "()";
    };
  }

  /** The name of a class as a user knows it. */
  static String name(Throwable thrown) {
    return WRAPPER.matcher(thrown.getClass().getName()).replaceFirst("");
  }

  private static String message(Throwable thrown) {
    try {
      String message = thrown.getLocalizedMessage();
      return message == null ? "" : cut(WRAPPER.matcher(message).replaceAll(""));
    } catch (Throwable e) {
      return "(its message can not be read: " + e.getClass().getName() + ")";
    }
  }

  private static String cut(String message) {
    String text =
        message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message;
    List<String> all = text.lines().toList();
    return all.size() > MAX_MESSAGE_LINES
        ? String.join("\n", all.subList(0, MAX_MESSAGE_LINES)) + "\n…"
        : text;
  }

  private void add(String role, Throwable thrown, String indent, StackTraceElement[] enclosing) {
    if (!seen.add(thrown)) {
      lines.add(indent + role + name(thrown) + ", as above");
      return;
    }
    if (seen.size() > MAX_EXCEPTIONS) {
      lines.add(indent + "… more causes");
      return;
    }
    String message = message(thrown);
    if (seen.size() > 1 && message.length() > MAX_MESSAGE_OF_CAUSE) {
      message = message.substring(0, MAX_MESSAGE_OF_CAUSE) + "…";
    }
    List<String> text = message.lines().toList();
    lines.add(
        indent + role + Style.ERROR.on(name(thrown)) + (text.isEmpty() ? "" : ": " + text.get(0)));
    for (int i = 1; i < text.size(); i++) {
      lines.add(indent + text.get(i));
    }
    StackTraceElement[] stack = thrown.getStackTrace();
    frames(ownFrames(stack, enclosing), indent);
    for (Throwable suppressed : thrown.getSuppressed()) {
      add(Style.STRONG.on("suppressed: "), suppressed, indent + "  ", stack);
    }
    Throwable cause = thrown.getCause();
    if (cause != null) {
      add(Style.STRONG.on("caused by: "), cause, indent, stack);
    }
  }

  /** Without the outer frames that a cause has in common with the exception that it led to. */
  private static StackTraceElement[] ownFrames(
      StackTraceElement[] stack, StackTraceElement[] enclosing) {
    int end = stack.length;
    int other = enclosing.length;
    while (end > 0 && other > 0 && stack[end - 1].equals(enclosing[other - 1])) {
      end--;
      other--;
    }
    return Arrays.copyOf(stack, end);
  }

  private void frames(StackTraceElement[] stack, String indent) {
    List<StackTraceElement> frames = visible(stack);
    boolean first = seen.size() == 1;
    int maxLibrary = first ? MAX_LIBRARY_FRAMES : MAX_LIBRARY_FRAMES_OF_CAUSE;
    int maxCell = first ? MAX_CELL_FRAMES : MAX_CELL_FRAMES / 2;
    int cell = 0;
    int library = 0;
    int skipped = 0;
    boolean context = first;
    int repeated = 0;
    StackTraceElement before = null;
    for (StackTraceElement frame : frames) {
      if (frame.equals(before)) {
        repeated++;
        continue;
      }
      repeated = skipped(repeated, "the same as above, %,d times", indent);
      Place place = places.get(frame);
      if (place != null && before != null && place.equals(places.get(before))) {
        before = frame;
        continue; // JShell may put a statement into two methods, and javac has bridge methods.
      }
      before = frame;
      if (place != null ? cell >= maxCell : library >= maxLibrary) {
        skipped++;
        continue;
      }
      skipped = skipped(skipped, "%,d more", indent);
      if (place == null) {
        library++;
        lines.add(indent + "  at " + frame);
      } else {
        cell++;
        library = 0;
        lines.add(indent + "  " + Style.PLACE.on(place.toString()));
        source(place, context, indent);
        context = false;
      }
    }
    skipped(repeated, "the same as above, %,d times", indent);
    skipped(skipped, "%,d more", indent);
  }

  private int skipped(int count, String words, String indent) {
    if (count > 0) {
      lines.add(indent + "  … " + String.format(Locale.ROOT, words, count));
    }
    return 0;
  }

  /** The line of a frame, with the lines around it. */
  private void source(Place place, boolean context, String indent) {
    int from = Math.max(1, place.line() - (context ? CONTEXT : 0));
    int to = Math.min(place.cell().lines(), place.line() + (context ? CONTEXT : 0));
    for (int line = from; line <= to; line++) {
      boolean here = line == place.line();
      String text = String.format(Locale.ROOT, "%5d %s", line, place.cell().lineText(line));
      lines.add(indent + (here ? "--> " + Style.STRONG.on(text) : "    " + text).stripTrailing());
    }
  }

  /** The frames that a user knows: down to the outermost one in a cell, if there is one. */
  private List<StackTraceElement> visible(StackTraceElement[] frames) {
    int end = frames.length;
    for (int i = frames.length - 1; i >= 0; i--) {
      if (places.containsKey(frames[i])) {
        end = i + 1;
        break;
      }
    }
    return List.of(frames).subList(0, end).stream()
        .filter(f -> places.containsKey(f) || !HIDDEN.matcher(f.getClassName()).matches())
        .toList();
  }
}
