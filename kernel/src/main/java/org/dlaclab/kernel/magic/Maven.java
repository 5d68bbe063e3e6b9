package org.dlaclab.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Notebook;
import org.dlaclab.kernel.eval.Completions;
import org.dlaclab.kernel.eval.Outcome;
import org.dlaclab.kernel.magic.Help.Option;
import org.dlaclab.kernel.magic.Resolver.Found;
import org.dlaclab.kernel.magic.Resolver.Progress;
import org.dlaclab.kernel.magic.Resolver.Wish;
import org.eclipse.aether.artifact.Artifact;
import org.jspecify.annotations.Nullable;

/** Libraries from Maven repositories. */
final class Maven implements Magic {
  private static final long BLINK_MILLIS = 200;

  private final Resolver resolver;
  private final ClassPath classPath;
  private final Interrupts interrupts;
  private final Function<Object, Notebook.@Nullable Handle> show;

  /**
   * @param show displays a value below the cell; the handle, if there is one, changes it
   */
  Maven(
      Resolver resolver,
      ClassPath classPath,
      Interrupts interrupts,
      Function<Object, Notebook.@Nullable Handle> show) {
    this.resolver = resolver;
    this.classPath = classPath;
    this.interrupts = interrupts;
    this.show = show;
  }

  @Override
  public Help help() {
    return new Help(
        "maven",
        Help.Form.LINE,
        false,
        "Adds libraries of Maven repositories, and what they need, to the class path.",
        Coordinate.FORM + " ...",
        List.of(
            new Option("--offline", "", "use only what is in the local repository"),
            new Option("--repo", "ID=URL", "ask this repository too"),
            new Option("--sources", "", "wait until the source jars are here as well"),
            new Option("--no-sources", "", "do without source jars")),
        "%maven org.apache.commons:commons-math3:3.6.1",
        "Without a version, the newest release; LATEST and ranges such as [1.0,2.0) work too. What"
            + " the local repository has is not looked for elsewhere. Mirrors, proxies and"
            + " passwords are those of ~/.m2/settings.xml. Source jars, for documentation, come in"
            + " the background.");
  }

  @Override
  public Outcome run(Invocation call) throws Exception {
    Wish wish = wish(call);
    long start = System.nanoTime();
    Progress progress = new Progress();
    Board board = new Board();
    List<Found> found =
        await(
            "maven",
            progress,
            board,
            () -> {
              List<Found> all = resolver.find(wish, progress);
              if (call.has("--sources")) {
                resolver.fetchSources(wish, all, progress);
              }
              return all;
            });
    board.put(report(wish, found, start, progress).bundle());
    if (!call.has("--sources") && !call.has("--no-sources") && !wish.offline()) {
      List<Found> without = found.stream().filter(jar -> !hasSources(jar)).toList();
      if (!without.isEmpty()) {
        Thread thread =
            new Thread(
                () -> {
                  resolver.fetchSources(wish, without, new Progress());
                  classPath.sourcesCame(without.stream().map(Found::file).toList());
                },
                "maven sources");
        thread.setDaemon(true);
        thread.start();
      }
    }
    return new Outcome.Nothing();
  }

  private Wish wish(Invocation call) throws MagicException {
    if (call.words().isEmpty()) {
      throw Invocation.wrong(help(), "there is no artifact to add", Coordinate.FORM);
    }
    List<Coordinate> artifacts = new ArrayList<>();
    for (String word : call.words()) {
      artifacts.add(Coordinate.parse(word));
    }
    Map<String, String> repositories = new LinkedHashMap<>();
    for (String repository : call.values("--repo")) {
      int equals = repository.indexOf('=');
      if (equals < 1 || !repository.substring(equals + 1).matches("\\w[\\w+.-]*:.+")) {
        throw Invocation.wrong(
            help(),
            "--repo " + Resolver.withoutSecrets(repository),
            "--repo ID=URL, such as --repo mine=https://repo.example.org/maven");
      }
      repositories.put(repository.substring(0, equals), repository.substring(equals + 1));
    }
    return new Wish(artifacts, call.has("--offline"), repositories);
  }

  private static boolean hasSources(Found found) {
    String name = String.valueOf(found.file().getFileName());
    return !name.endsWith(".jar")
        || !found.artifact().getClassifier().isEmpty()
        || Files.exists(found.file().resolveSibling(name.replaceFirst("\\.jar$", "-sources.jar")));
  }

  /**
   * Waits for a search on a thread of its own, since none of the libraries below can be hurried.
   */
  private List<Found> await(
      String name, Progress progress, Board board, java.util.concurrent.Callable<List<Found>> work)
      throws Exception {
    FutureTask<List<Found>> task = new FutureTask<>(work);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    Runnable end =
        () -> {
          progress.cancel();
          task.cancel(true);
        };
    return interrupts.during(
        end,
        () -> {
          thread.start();
          try {
            while (true) {
              try {
                return task.get(BLINK_MILLIS, TimeUnit.MILLISECONDS);
              } catch (TimeoutException e) {
                progress.line().ifPresent(line -> board.put(Bundle.text(line)));
              }
            }
          } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
              throw cause;
            }
            throw e;
          } catch (InterruptedException e) {
            end.run();
            throw e;
          }
        });
  }

  /** Adds what was found, and says what that was. */
  private Listing report(Wish wish, List<Found> found, long start, Progress progress) {
    List<List<String>> rows = new ArrayList<>();
    List<Path> add = new ArrayList<>();
    Set<String> asked = new LinkedHashSet<>();
    wish.artifacts().forEach(artifact -> asked.add(artifact.key()));
    long bytes = 0;
    for (Found each : found) {
      Artifact artifact = each.artifact();
      String state;
      Optional<Path> other =
          classPath.sameLibrary(
              artifact.getGroupId(), artifact.getArtifactId(), artifact.getClassifier());
      if (!artifact.getExtension().equals("jar")) {
        state = "not for the class path";
      } else if (classPath.has(each.file())) {
        state = "was there already";
      } else if (other.isPresent()) {
        String name = String.valueOf(other.get().getFileName());
        state =
            name.equals(String.valueOf(each.file().getFileName()))
                ? "was there already"
                : "not added: " + name + " is there, until the kernel starts anew";
      } else {
        state = "added";
        add.add(each.file());
      }
      long size = size(each.file());
      bytes += size;
      String key = artifact.getGroupId() + ":" + artifact.getArtifactId();
      rows.add(
          List.of(
              (asked.contains(key) ? "" : "  ")
                  + key
                  + (artifact.getClassifier().isEmpty() ? "" : ":" + artifact.getClassifier()),
              artifact.getVersion(),
              Amount.bytes(size),
              each.from().orElse("local repository"),
              state));
    }
    classPath.add(add, "%maven");
    List<String> unknown =
        found.stream()
            .filter(Found::withoutPom)
            .map(each -> each.artifact().getArtifactId())
            .toList();
    String note =
        (unknown.isEmpty()
                ? ""
                : "Without a POM, what these need is not known: "
                    + String.join(", ", unknown)
                    + "\n")
            + found.size()
            + (found.size() == 1 ? " artifact, " : " artifacts, ")
            + Amount.bytes(bytes)
            + ", in "
            + Amount.time(System.nanoTime() - start)
            + (progress.files() == 0
                ? ""
                : "; downloaded "
                    + Amount.bytes(progress.bytes())
                    + " in "
                    + progress.files()
                    + " files");
    return new Listing(List.of("artifact", "version", "size>", "from", "class path"), rows, note);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public List<Completions.Item> suggest(String word) {
    LocalRepository local;
    try {
      local = resolver.local();
    } catch (MagicException e) {
      return List.of();
    }
    String[] parts = word.split(":", -1);
    List<String> all =
        parts.length <= 2
            ? local.artifacts(parts[0]).stream().filter(key -> key.startsWith(word)).toList()
            : local.versions(parts[0], parts[1]).stream()
                .filter(version -> parts.length == 3 && version.startsWith(parts[2]))
                .map(version -> parts[0] + ":" + parts[1] + ":" + version)
                .toList();
    return all.stream()
        .limit(200)
        .map(name -> new Completions.Item(name, "module", "", false))
        .toList();
  }

  /** The place below the cell where first the progress and then the report is shown. */
  private final class Board {
    private Notebook.@Nullable Handle handle;
    private @Nullable Bundle last;

    void put(Bundle bundle) {
      if (bundle.equals(last)) {
        return;
      }
      last = bundle;
      if (handle == null) {
        handle = show.apply(bundle);
      } else {
        handle.update(bundle);
      }
    }
  }
}
