package org.dlaclab.kernel.magic;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.aether.util.version.GenericVersionScheme;
import org.eclipse.aether.version.InvalidVersionSpecificationException;
import org.eclipse.aether.version.Version;

/** What is in the local Maven repository. */
record LocalRepository(Path folder) {
  private static final GenericVersionScheme SCHEME = new GenericVersionScheme();

  /** Versions of an artifact whose jar is here, newest first. */
  List<String> versions(String group, String artifact) {
    List<Version> versions = new ArrayList<>();
    for (Path each : folders(folder.resolve(group.replace('.', '/')).resolve(artifact))) {
      String name = String.valueOf(each.getFileName());
      // Of those that lost against another version only the POM is here.
      if (Files.isRegularFile(each.resolve(artifact + "-" + name + ".jar"))) {
        try {
          versions.add(SCHEME.parseVersion(name));
        } catch (InvalidVersionSpecificationException e) {
          // A folder of another kind.
        }
      }
    }
    Collections.sort(versions);
    Collections.reverse(versions);
    return versions.stream().map(Version::toString).toList();
  }

  private static boolean holds(Path version, String start) {
    return Files.isRegularFile(version.resolve(start + ".jar"))
        || Files.isRegularFile(version.resolve(start + ".pom"));
  }

  /** Artifacts as {@code group:artifact} whose group begins with a text, sorted. */
  List<String> artifacts(String groupStart) {
    List<String> found = new ArrayList<>();
    int dot = groupStart.lastIndexOf('.');
    Path start = dot < 0 ? folder : folder.resolve(groupStart.substring(0, dot).replace('.', '/'));
    String rest = groupStart.substring(dot + 1);
    for (Path each : folders(start)) {
      if (String.valueOf(each.getFileName()).startsWith(rest)) {
        collect(each, 0, found);
      }
    }
    Collections.sort(found);
    return found;
  }

  private void collect(Path at, int depth, List<String> found) {
    Path parent = at.getParent();
    String artifact = String.valueOf(at.getFileName());
    List<Path> below = folders(at);
    if (parent != null && !parent.equals(folder)) {
      for (Path version : below) {
        if (holds(version, artifact + "-" + version.getFileName())) {
          String group = folder.relativize(parent).toString().replace('\\', '/').replace('/', '.');
          found.add(group + ":" + artifact);
          break;
        }
      }
    }
    if (depth < 12) {
      for (Path each : below) {
        collect(each, depth + 1, found);
      }
    }
  }

  private static List<Path> folders(Path at) {
    List<Path> folders = new ArrayList<>();
    if (Files.isDirectory(at)) {
      try (DirectoryStream<Path> each = Files.newDirectoryStream(at, Files::isDirectory)) {
        each.forEach(folders::add);
      } catch (IOException | java.nio.file.DirectoryIteratorException e) {
        return folders;
      }
    }
    return folders;
  }
}
