package org.dlaclab.kernel.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What the commands of the kernel's program are told.
 *
 * @param data the folder {@code share/jupyter}, or what takes its place, that the kernel goes to
 * @param jvmArgs further options of the JVM
 */
record Options(Path data, String name, String displayName, List<String> jvmArgs) {
  Options {
    jvmArgs = List.copyOf(jvmArgs);
  }

  /** The kernel's folder. */
  Path folder() {
    return data.resolve("kernels").resolve(name);
  }

  static Options of(List<String> args, Folders folders) {
    Path data = folders.userData();
    String name = "dlac";
    String displayName = "Java (DLAC Lab)";
    List<String> jvmArgs = new ArrayList<>();
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      String option = rest.next();
      switch (option) {
        case "--user" -> data = folders.userData();
        case "--system" -> data = folders.systemData();
        case "--prefix" ->
            data = Path.of(value(option, rest)).toAbsolutePath().resolve("share/jupyter");
        case "--name" -> name = name(value(option, rest));
        case "--display-name" -> displayName = value(option, rest);
        case "--jvm-arg" -> jvmArgs.add(value(option, rest));
        default ->
            throw new UserError(
                2,
                "unknown option "
                    + option
                    + ": expected --user, --prefix FOLDER, --system, --name NAME, --display-name TEXT or"
                    + " --jvm-arg ARG");
      }
    }
    return new Options(data, name, displayName, jvmArgs);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new UserError(2, option + " needs a value after it");
    }
    return rest.next();
  }

  private static String name(String name) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw new UserError(
          2, "the name '" + name + "' has other characters than letters, digits, '.', '_' and '-'");
    }
    if (name.matches("\\.+")) {
      throw new UserError(2, "the name '" + name + "' needs a letter or a digit");
    }
    return name;
  }
}
