package org.dlaclab.kernel.magic;

import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;

/**
 * An artifact of a Maven repository, as users write it.
 *
 * @param version fixed, a range, {@code LATEST}, {@code RELEASE}, or empty for the newest release
 */
record Coordinate(
    String group, String artifact, String packaging, String classifier, String version) {
  static final String FORM = "group:artifact[:packaging[:classifier]][:version]";

  private static final Pattern NAME = Pattern.compile("[\\w.-]+");
  private static final Pattern UNSTABLE =
      Pattern.compile(
          "(?i).*[.\\d_-](alpha|beta|a|b|rc|cr|m|milestone|ea|pre|preview|dev|snapshot)[.-]?\\d*\\b.*");

  static Coordinate parse(String text) throws MagicException {
    String[] parts = text.strip().split(":", -1);
    boolean named = parts.length >= 2 && parts.length <= 5;
    for (int part = 0; named && part < parts.length - (parts.length > 2 ? 1 : 0); part++) {
      named = NAME.matcher(parts[part]).matches();
    }
    if (!named) {
      throw new MagicException(
          text + " is not the name of a Maven artifact",
          FORM,
          "%maven org.apache.commons:commons-math3:3.6.1");
    }
    String version = parts.length > 2 ? parts[parts.length - 1] : "";
    return new Coordinate(
        parts[0],
        parts[1],
        parts.length > 3 ? parts[2] : "jar",
        parts.length > 4 ? parts[3] : "",
        version);
  }

  /** Whether the version is a single one, known without asking a repository. */
  boolean isFixed() {
    return !version.isEmpty()
        && !isRange()
        && !List.of("LATEST", "RELEASE").contains(version)
        && !version.endsWith("-SNAPSHOT");
  }

  boolean isRange() {
    return version.startsWith("[") || version.startsWith("(");
  }

  /** Whether what is wanted is a release, and not one on trial. */
  boolean wantsStable() {
    return version.isEmpty() || version.equals("RELEASE");
  }

  static boolean isStable(String version) {
    return !UNSTABLE.matcher(version).matches();
  }

  String key() {
    return group + ":" + artifact;
  }

  Coordinate at(String another) {
    return new Coordinate(group, artifact, packaging, classifier, another);
  }

  Artifact toArtifact() {
    String extension =
        packaging.equals("bundle") || packaging.endsWith("plugin") ? "jar" : packaging;
    return new DefaultArtifact(group, artifact, classifier, extension, version);
  }

  @Override
  public String toString() {
    String more =
        packaging.equals("jar") && classifier.isEmpty()
            ? ""
            : ":" + packaging + (classifier.isEmpty() ? "" : ":" + classifier);
    return key() + more + (version.isEmpty() ? "" : ":" + version);
  }
}
