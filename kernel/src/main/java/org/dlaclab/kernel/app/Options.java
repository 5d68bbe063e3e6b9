package org.dlaclab.kernel.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the commands of the kernel's program are told.
 *
 * @param data the folder {@code share/jupyter}, or what takes its place, that the kernel goes to
 * @param jvmArgs further options of the JVM
 * @param environment variables that Jupyter sets for the kernel, in the order given
 */
record Options(
    Path data,
    String name,
    String displayName,
    List<String> jvmArgs,
    Map<String, String> environment) {
  Options {
    jvmArgs = List.copyOf(jvmArgs);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
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
    Map<String, String> environment = new LinkedHashMap<>();
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
        case "--env" -> {
          String[] variable = value(option, rest).split("=", 2);
          if (variable.length < 2 || variable[0].isEmpty()) {
            throw new UserError(
                2, "--env " + String.join("=", variable) + ": expected --env NAME=VALUE");
          }
          environment.put(variable[0], variable[1]);
        }
        default ->
            throw new UserError(
                2,
                "unknown option "
                    + option
                    + ": expected --user, --prefix FOLDER, --system, --name NAME, --display-name TEXT,"
                    + " --jvm-arg ARG or --env NAME=VALUE");
      }
    }
    return new Options(data, name, displayName, jvmArgs, environment);
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
