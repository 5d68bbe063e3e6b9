package org.dlaclab.kernel.magic;

import java.util.List;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Outcome;

/** Adds jars, as notebooks for IJava and JJava have it. */
final class Jars implements Magic {
  private final ClassPath classPath;

  Jars(ClassPath classPath) {
    this.classPath = classPath;
  }

  @Override
  public Help help() {
    return new Help(
        "jars",
        Help.Form.LINE,
        false,
        "Adds jars to the class path.",
        "JAR | FOLDER | PATTERN ...",
        List.of(),
        "%jars lib/*.jar",
        "Of a folder, all jars in it are added.");
  }

  @Override
  public Outcome run(Invocation call) throws MagicException {
    if (call.words().isEmpty()) {
      throw Invocation.wrong(
          help(), "there is no jar to add", "jars, or a pattern such as lib/*.jar");
    }
    ClassPathMagic.add(classPath, ClassPath.named(help(), call.words(), true), help());
    return new Outcome.Nothing();
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    return UserPath.suggest(word, name -> name.endsWith(".jar"));
  }
}
