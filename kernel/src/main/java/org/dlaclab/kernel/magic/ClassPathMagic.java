package org.dlaclab.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Outcome;

/** Shows the class path and adds jars and folders. */
final class ClassPathMagic implements Magic {
  private final ClassPath classPath;
  private final Consumer<Object> show;

  ClassPathMagic(ClassPath classPath, Consumer<Object> show) {
    this.classPath = classPath;
    this.show = show;
  }

  @Override
  public Help help() {
    return new Help(
        "classpath",
        Help.Form.LINE,
        false,
        "Lists the class path, or adds jars and folders of classes.",
        "[PATH | PATTERN ...]",
        List.of(),
        "%classpath target/classes lib/*.jar",
        "A * stands for any name, ** for any folders. What is on the class path stays there until"
            + " the kernel starts anew.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    if (!call.words().isEmpty()) {
      add(classPath, ClassPath.named(help(), call.words(), false), help());
      return new Outcome.Nothing();
    }
    List<List<String>> rows = new ArrayList<>();
    classPath.entries().forEach((path, by) -> rows.add(List.of(path.toString(), size(path), by)));
    show.accept(new Listing(List.of("entry", "size>", "from"), rows, "").bundle());
    return new Outcome.Nothing();
  }

  private static String size(Path path) {
    try {
      return Files.isDirectory(path) ? "folder" : Amount.bytes(Files.size(path));
    } catch (IOException e) {
      return "missing";
    }
  }

  static void add(ClassPath classPath, List<Path> named, Help help) {
    List<Path> added = classPath.add(named, help.sign());
    int before = named.size() - added.size();
    StringBuilder text = new StringBuilder();
    added.forEach(path -> text.append("Added " + path + "\n"));
    if (before > 0) {
      text.append(before + (before == 1 ? " was" : " were") + " on the class path already.\n");
    }
    System.out.print(text);
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return UserPath.suggest(word, name -> name.endsWith(".jar"));
  }
}
