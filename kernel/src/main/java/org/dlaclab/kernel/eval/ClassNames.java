package org.dlaclab.kernel.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * The names of all top-level classes and packages on the class path and in the JDK's exported
 * packages. It is read in the background, from the first use on; until then it holds nothing.
 */
final class ClassNames {
  private static final long PATIENCE_MS = 2_000;

  /** Simple name to qualified names. */
  private record Index(
      NavigableMap<String, SortedSet<String>> classes, SortedSet<String> packages) {
    static Index empty() {
      return new Index(new TreeMap<>(), new TreeSet<>());
    }

    void add(String packageName, String fileName) {
      if (!fileName.endsWith(".class") || fileName.indexOf('$') >= 0 || packageName.isEmpty()) {
        return;
      }
      String simple = fileName.substring(0, fileName.length() - ".class".length());
      if (simple.endsWith("-info")) {
        return;
      }
      classes.computeIfAbsent(simple, s -> new TreeSet<>()).add(packageName + "." + simple);
      packages.add(packageName);
    }
  }

  /** The same for every session. */
  private static final CompletableFuture<Index> JDK = new CompletableFuture<>();

  private static boolean jdkAsked;

  private final List<CompletableFuture<Index>> entries = new ArrayList<>();
  private final List<Path> waiting = new ArrayList<>();
  private boolean used;

  /** Adds a jar or a folder of classes. */
  synchronized void add(Path entry) {
    if (used) {
      entries.add(inBackground(entry));
    } else {
      waiting.add(entry);
    }
  }

  /** Begins to read, if it has not begun. */
  synchronized void prepare() {
    if (used) {
      return;
    }
    used = true;
    readJdk();
    for (Path entry : waiting) {
      entries.add(inBackground(entry));
    }
    waiting.clear();
  }

  /** Qualified names of the classes whose simple names begin with a prefix. */
  List<String> beginningWith(String prefix) {
    List<String> found = new ArrayList<>();
    for (Index index : indexes()) {
      index
          .classes()
          .subMap(prefix, true, prefix + Character.MAX_VALUE, true)
          .values()
          .forEach(found::addAll);
    }
    return found;
  }

  /** Qualified names of the classes whose simple names match. */
  List<String> matching(Predicate<String> simpleName) {
    List<String> found = new ArrayList<>();
    for (Index index : indexes()) {
      index
          .classes()
          .forEach(
              (simple, names) -> {
                if (simpleName.test(simple)) {
                  found.addAll(names);
                }
              });
    }
    return found;
  }

  /** Qualified names of the classes with this simple name. */
  List<String> named(String simpleName) {
    List<String> found = new ArrayList<>();
    for (Index index : indexes()) {
      found.addAll(index.classes().getOrDefault(simpleName, new TreeSet<>()));
    }
    return found;
  }

  /** Whether there is such a package, or one below it. */
  boolean isPackage(String name) {
    String below = name + ".";
    for (Index index : indexes()) {
      SortedSet<String> tail = index.packages().tailSet(name);
      if (!tail.isEmpty() && (tail.first().equals(name) || tail.first().startsWith(below))) {
        return true;
      }
      SortedSet<String> further = index.packages().tailSet(below);
      if (!further.isEmpty() && further.first().startsWith(below)) {
        return true;
      }
    }
    return false;
  }

  /** Simple names of what is directly in a package: packages, then classes. */
  Contents in(String packageName) {
    String prefix = packageName.isEmpty() ? "" : packageName + ".";
    SortedSet<String> packages = new TreeSet<>();
    SortedSet<String> classes = new TreeSet<>();
    for (Index index : indexes()) {
      for (String name : index.packages().tailSet(prefix)) {
        if (!name.startsWith(prefix)) {
          break;
        }
        int dot = name.indexOf('.', prefix.length());
        packages.add(name.substring(prefix.length(), dot < 0 ? name.length() : dot));
      }
      if (index.packages().contains(packageName)) {
        index
            .classes()
            .forEach(
                (simple, names) -> {
                  if (names.contains(prefix + simple)) {
                    classes.add(simple);
                  }
                });
      }
    }
    return new Contents(packages, classes);
  }

  /** Simple names. */
  record Contents(SortedSet<String> packages, SortedSet<String> classes) {}

  private List<Index> indexes() {
    prepare();
    List<CompletableFuture<Index>> all = new ArrayList<>();
    all.add(JDK);
    synchronized (this) {
      all.addAll(entries);
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    List<Index> indexes = new ArrayList<>();
    for (CompletableFuture<Index> index : all) {
      try {
        indexes.add(index.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        // What is not read yet is offered the next time.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return indexes;
      } catch (ExecutionException e) {
        // Reading it failed: it has nothing to offer.
      }
    }
    return indexes;
  }

  private static void readJdk() {
    synchronized (JDK) {
      if (jdkAsked) {
        return;
      }
      jdkAsked = true;
    }
    Thread reader = new Thread(() -> JDK.complete(jdk()), "class names of the JDK");
    reader.setDaemon(true);
    reader.start();
  }

  private static CompletableFuture<Index> inBackground(Path entry) {
    CompletableFuture<Index> index = new CompletableFuture<>();
    Thread reader = new Thread(() -> index.complete(read(entry)), "class names of " + entry);
    reader.setDaemon(true);
    reader.start();
    return index;
  }

  private static Index jdk() {
    Index index = Index.empty();
    FileSystem runtime = FileSystems.getFileSystem(URI.create("jrt:/"));
    for (ModuleReference module : ModuleFinder.ofSystem().findAll()) {
      ModuleDescriptor descriptor = module.descriptor();
      for (ModuleDescriptor.Exports exports : descriptor.exports()) {
        if (exports.isQualified()) {
          continue;
        }
        Path folder =
            runtime.getPath("modules", descriptor.name(), exports.source().replace('.', '/'));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
          for (Path file : files) {
            index.add(exports.source(), file.getFileName().toString());
          }
        } catch (IOException e) {
          // A package without classes has no folder.
        }
      }
    }
    return index;
  }

  private static Index read(Path entry) {
    Index index = Index.empty();
    try {
      if (Files.isDirectory(entry)) {
        try (Stream<Path> files = Files.walk(entry)) {
          files.forEach(file -> add(index, entry.relativize(file).toString().replace('\\', '/')));
        }
      } else if (Files.isRegularFile(entry)) {
        try (ZipFile zip = new ZipFile(entry.toFile())) {
          zip.stream().forEach(file -> add(index, file.getName()));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // An unreadable entry of the class path has nothing to offer; the compiler reports it.
      return index;
    }
    return index;
  }

  private static void add(Index index, String file) {
    int slash = file.lastIndexOf('/');
    if (slash > 0 && !file.startsWith("META-INF/")) {
      index.add(file.substring(0, slash).replace('/', '.'), file.substring(slash + 1));
    }
  }
}
