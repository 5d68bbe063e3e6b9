package org.dlaclab.kernel.magic;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.runtime.standalonestatic.StandaloneStaticRuntime;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.aether.AbstractRepositoryListener;
import org.eclipse.aether.RepositoryEvent;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactDescriptorException;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.VersionRangeRequest;
import org.eclipse.aether.resolution.VersionRangeResult;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.TransferCancelledException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.artifact.SubArtifact;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import org.eclipse.aether.util.version.GenericVersionScheme;
import org.eclipse.aether.version.Version;
import org.eclipse.aether.version.VersionConstraint;
import org.jspecify.annotations.Nullable;

/**
 * Finds artifacts and all that they need, as Maven does with the user's settings: in the local
 * repository first, and only if that does not have all, in the remote ones.
 */
final class Resolver {
  private final Optional<Path> settings;
  private final Optional<Path> localRepository;

  /**
   * @param settings instead of the user's {@code settings.xml}
   * @param localRepository instead of the one that the settings name
   */
  Resolver(Optional<Path> settings, Optional<Path> localRepository) {
    this.settings = settings;
    this.localRepository = localRepository;
  }

  /**
   * What to find.
   *
   * @param repositories further ones: address by id
   */
  record Wish(List<Coordinate> artifacts, boolean offline, Map<String, String> repositories) {}

  /**
   * A file that was found.
   *
   * @param from the remote repository that it was fetched from just now, if it was
   * @param withoutPom whether nothing says what it needs itself
   */
  record Found(Artifact artifact, Path file, Optional<String> from, boolean withoutPom) {}

  /** What of a search can be seen while it goes on, and a way to end it. */
  static final class Progress {
    private final Map<String, Long> current = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private volatile boolean cancelled;

    void cancel() {
      cancelled = true;
    }

    long files() {
      return files.get();
    }

    long bytes() {
      return bytes.get();
    }

    /** A line, or nothing if nothing was fetched so far. */
    Optional<String> line() {
      if (current.isEmpty() && files.get() == 0) {
        return Optional.empty();
      }
      String now =
          current.keySet().stream().sorted().limit(2).reduce((a, b) -> a + ", " + b).orElse("");
      return Optional.of(
          "Downloaded "
              + files
              + (files.get() == 1 ? " file, " : " files, ")
              + Amount.bytes(bytes.get())
              + (now.isEmpty() ? "" : "; now " + now));
    }

    private final class Listener extends AbstractTransferListener {
      private static String name(TransferEvent event) {
        String name = event.getResource().getResourceName();
        return name.substring(name.lastIndexOf('/') + 1);
      }

      @Override
      public void transferInitiated(TransferEvent event) throws TransferCancelledException {
        check();
      }

      @Override
      public void transferStarted(TransferEvent event) throws TransferCancelledException {
        current.put(name(event), 0L);
        check();
      }

      @Override
      public void transferProgressed(TransferEvent event) throws TransferCancelledException {
        bytes.addAndGet(event.getDataLength());
        check();
      }

      @Override
      public void transferSucceeded(TransferEvent event) {
        files.incrementAndGet();
        current.remove(name(event));
      }

      @Override
      public void transferFailed(TransferEvent event) {
        current.remove(name(event));
      }

      private void check() throws TransferCancelledException {
        if (cancelled) {
          throw new TransferCancelledException("interrupted");
        }
      }
    }
  }

  List<Found> find(Wish wish, Progress progress) throws MagicException {
    boolean fixed = wish.artifacts().stream().allMatch(Coordinate::isFixed);
    if (wish.offline() || fixed) {
      try (Search search = new Search(wish, true, progress)) {
        List<Found> found = search.all();
        if (wish.offline() || found.stream().noneMatch(Found::withoutPom)) {
          return found;
        }
      } catch (MagicException e) {
        if (wish.offline()) {
          throw e;
        }
        // Something is missing here. Now with the remote repositories.
      }
    }
    try (Search search = new Search(wish, false, progress)) {
      return search.all();
    }
  }

  /** Puts the source jars beside the jars, as far as there are any. */
  void fetchSources(Wish wish, List<Found> jars, Progress progress) {
    try (Search search = new Search(wish, wish.offline(), progress)) {
      search.sources(jars);
    } catch (MagicException | RuntimeException e) {
      // Nothing depends on them.
    }
  }

  LocalRepository local() throws MagicException {
    try (Search search = new Search(new Wish(List.of(), true, Map.of()), true, new Progress())) {
      return search.local();
    }
  }

  /** The home of the Maven that is on the path: its settings may name the mirrors of a site. */
  private static Optional<Path> mavenHome() {
    if (System.getenv("MAVEN_HOME") != null) {
      return Optional.empty();
    }
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(File.pathSeparator, -1)) {
      Path program = Path.of(folder.isEmpty() ? "." : folder, "mvn");
      if (Files.isExecutable(program)) {
        try {
          Path bin = program.toRealPath().getParent();
          Path home = bin == null ? null : bin.getParent();
          if (home != null && Files.isRegularFile(home.resolve("conf/settings.xml"))) {
            return Optional.of(home);
          }
        } catch (IOException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /** One search, online or not. */
  private final class Search implements AutoCloseable {
    private final Wish wish;
    private final boolean offline;
    private final Map<Artifact, String> downloaded = new ConcurrentHashMap<>();
    private final Set<Artifact> withoutPom = ConcurrentHashMap.newKeySet();
    private final Context context;
    private final RepositorySystemSession session;
    private final List<RemoteRepository> repositories = new ArrayList<>();

    Search(Wish wish, boolean offline, Progress progress) throws MagicException {
      this.wish = wish;
      this.offline = offline;
      ContextOverrides.Builder overrides =
          ContextOverrides.create()
              .withUserSettings(true)
              .offline(offline)
              .transferListener(progress.new Listener())
              .repositoryListener(
                  new AbstractRepositoryListener() {
                    @Override
                    public void artifactDescriptorMissing(RepositoryEvent event) {
                      withoutPom.add(event.getArtifact());
                    }

                    @Override
                    public void artifactDownloaded(RepositoryEvent event) {
                      if (event.getException() == null && event.getRepository() != null) {
                        downloaded.put(event.getArtifact(), event.getRepository().getId());
                      }
                    }
                  });
      settings.ifPresent(overrides::withUserSettingsXmlOverride);
      localRepository.ifPresent(overrides::withLocalRepositoryOverride);
      mavenHome().ifPresent(overrides::withMavenSystemHomeOverride);
      if (offline) {
        // Of a file that is here it does not matter which repository it came from.
        overrides.configProperties(
            Map.of("aether.enhancedLocalRepository.trackingFilename", "_any.repositories"));
      }
      try {
        context = new StandaloneStaticRuntime().create(overrides.build());
      } catch (RuntimeException e) {
        throw new MagicException(
            "Maven's settings cannot be read: " + withoutSecrets(rootMessage(e)),
            "a settings.xml that Maven accepts",
            "mvn help:effective-settings, which says where it is wrong");
      }
      session = context.repositorySystemSession();
      repositories.addAll(context.remoteRepositories());
      List<RemoteRepository> more = new ArrayList<>();
      wish.repositories()
          .forEach((id, url) -> more.add(new RemoteRepository.Builder(id, "default", url).build()));
      repositories.addAll(context.repositorySystem().newResolutionRepositories(session, more));
    }

    @Override
    public void close() {
      context.close();
    }

    LocalRepository local() {
      return new LocalRepository(session.getLocalRepository().getBasedir().toPath());
    }

    List<Found> all() throws MagicException {
      CollectRequest collect = new CollectRequest();
      collect.setRepositories(repositories);
      for (Coordinate coordinate : wish.artifacts()) {
        Coordinate fixed = coordinate.isFixed() ? coordinate : choose(coordinate);
        collect.addDependency(new Dependency(fixed.toArtifact(), JavaScopes.RUNTIME));
      }
      DependencyRequest request =
          new DependencyRequest(
              collect,
              DependencyFilterUtils.classpathFilter(JavaScopes.COMPILE, JavaScopes.RUNTIME));
      try {
        List<Found> found = new ArrayList<>();
        for (ArtifactResult result :
            context.repositorySystem().resolveDependencies(session, request).getArtifactResults()) {
          Artifact artifact = result.getArtifact();
          found.add(
              new Found(
                  artifact,
                  artifact.getFile().toPath(),
                  downloaded.entrySet().stream()
                      .filter(e -> same(e.getKey(), artifact))
                      .map(Map.Entry::getValue)
                      .findFirst(),
                  withoutPom.stream().anyMatch(pom -> samePom(pom, artifact))));
        }
        return found;
      } catch (RepositoryException e) {
        throw failure(e);
      }
    }

    private static boolean samePom(Artifact a, Artifact b) {
      return a.getGroupId().equals(b.getGroupId())
          && a.getArtifactId().equals(b.getArtifactId())
          && a.getBaseVersion().equals(b.getBaseVersion());
    }

    private static boolean same(Artifact a, Artifact b) {
      return samePom(a, b)
          && a.getClassifier().equals(b.getClassifier())
          && a.getExtension().equals(b.getExtension());
    }

    void sources(List<Found> jars) {
      List<ArtifactRequest> requests = new ArrayList<>();
      for (Found jar : jars) {
        if (jar.artifact().getExtension().equals("jar")
            && jar.artifact().getClassifier().isEmpty()) {
          requests.add(
              new ArtifactRequest(
                  new SubArtifact(jar.artifact(), "sources", "jar"), repositories, null));
        }
      }
      try {
        context.repositorySystem().resolveArtifacts(session, requests);
      } catch (ArtifactResolutionException e) {
        // Many have none.
      }
    }

    /** The version that is meant. */
    private Coordinate choose(Coordinate wanted) throws MagicException {
      if (wanted.version().endsWith("-SNAPSHOT")) {
        return wanted;
      }
      Set<Version> all = new LinkedHashSet<>();
      try {
        VersionConstraint range =
            new GenericVersionScheme()
                .parseVersionConstraint(wanted.isRange() ? wanted.version() : "[0,)");
        VersionRangeResult result =
            context
                .repositorySystem()
                .resolveVersionRange(
                    session,
                    new VersionRangeRequest(
                        wanted.at(range.toString()).toArtifact(), repositories, null));
        all.addAll(result.getVersions());
        if (all.isEmpty()) {
          // What Maven fetched by its version alone has no list of versions beside it.
          for (String version : local().versions(wanted.group(), wanted.artifact())) {
            Version here = new GenericVersionScheme().parseVersion(version);
            if (range.containsVersion(here)) {
              all.add(here);
            }
          }
        }
      } catch (RepositoryException e) {
        throw new MagicException(
            wanted.version() + " is no range of versions",
            "such as [1.0,2.0), which has 1.0 and not 2.0",
            "%maven " + wanted.key() + ", for the newest release");
      }
      List<Version> sorted = new ArrayList<>(all);
      Collections.sort(sorted);
      Collections.reverse(sorted);
      return sorted.stream()
          .map(Version::toString)
          .filter(version -> !wanted.wantsStable() || Coordinate.isStable(version))
          .findFirst()
          .or(() -> sorted.stream().map(Version::toString).findFirst())
          .map(wanted::at)
          .orElseThrow(() -> missing(wanted, Optional.empty()));
    }

    private MagicException failure(RepositoryException e) {
      List<Artifact> missing = new ArrayList<>();
      @Nullable Exception transfer = null;
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ArtifactResolutionException resolution) {
          for (ArtifactResult result : resolution.getResults()) {
            if (!result.isResolved()) {
              missing.add(result.getRequest().getArtifact());
              for (Exception each : result.getExceptions()) {
                transfer = each instanceof ArtifactNotFoundException ? transfer : each;
              }
            }
          }
          break;
        }
        if (cause instanceof ArtifactDescriptorException descriptor
            && descriptor.getResult() != null
            && !(cause.getCause() instanceof ArtifactResolutionException)) {
          missing.add(descriptor.getResult().getRequest().getArtifact());
          transfer = descriptor;
        }
      }
      if (missing.isEmpty()) {
        return new MagicException(
            withoutSecrets(rootMessage(e)),
            "artifacts that Maven can resolve",
            "%maven? for its options");
      }
      Artifact first = missing.get(0);
      Coordinate wanted =
          new Coordinate(
              first.getGroupId(),
              first.getArtifactId(),
              first.getExtension().equals("pom") ? "jar" : first.getExtension(),
              first.getClassifier(),
              first.getVersion());
      return missing(wanted, Optional.ofNullable(transfer).map(Resolver::rootMessage));
    }

    private MagicException missing(Coordinate wanted, Optional<String> trouble) {
      StringBuilder text = new StringBuilder();
      text.append(wanted);
      boolean asked =
          wish.artifacts().stream().anyMatch(artifact -> artifact.key().equals(wanted.key()));
      if (!asked) {
        text.append(", which ");
        text.append(
            String.join(", ", wish.artifacts().stream().map(Coordinate::toString).toList()));
        text.append(wish.artifacts().size() == 1 ? " needs," : " need,");
      }
      text.append(trouble.isPresent() && !offline ? " could not be fetched" : " was not found");
      if (!offline) {
        trouble.ifPresent(why -> text.append(": ").append(withoutSecrets(why)));
      }
      text.append("\n  asked:    the local repository ").append(local().folder());
      for (RemoteRepository repository : offline ? List.<RemoteRepository>of() : repositories) {
        text.append("\n            ").append(repository.getId()).append(" ");
        text.append(withoutSecrets(repository.getUrl()));
      }
      List<String> versions = local().versions(wanted.group(), wanted.artifact());
      List<String> others = versions.stream().filter(v -> !v.equals(wanted.version())).toList();
      if (!others.isEmpty()) {
        text.append("\n  here:     ").append(wanted.key()).append(" in ");
        text.append(String.join(", ", others.subList(0, Math.min(5, others.size()))));
      }
      Optional<String> near =
          others.isEmpty()
              ? near(wanted)
              : Optional.of((asked ? "" : wishes() + " ") + wanted.at(others.get(0)));
      text.append("\n  try:      ");
      text.append(near.map(name -> "%maven " + name).orElse("the name and the version anew"));
      if (offline) {
        text.append(", or without --offline, to ask the remote repositories");
      } else if (trouble.isPresent()) {
        text.append(", or --offline, to use only what is here");
      } else {
        text.append(", or --repo id=url for another repository");
      }
      return new MagicException(text.toString());
    }

    private String wishes() {
      return String.join(" ", wish.artifacts().stream().map(Coordinate::toString).toList());
    }

    /** An artifact of the local repository with almost this name, or of another group. */
    private Optional<String> near(Coordinate wanted) {
      List<String> all = local().artifacts("");
      for (String key : all) {
        if (key.endsWith(":" + wanted.artifact())) {
          return Optional.of(key);
        }
      }
      Set<String> group = new LinkedHashSet<>();
      for (String key : all) {
        if (key.startsWith(wanted.group() + ":")) {
          group.add(key.substring(key.indexOf(':') + 1));
        }
      }
      return Nearest.to(wanted.artifact(), group).map(name -> wanted.group() + ":" + name);
    }
  }

  private static String rootMessage(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    // Of an unknown host, the message is only its name.
    return message == null ? name : message.contains(" ") ? message : name + ": " + message;
  }

  /** Addresses without the user and password in them. */
  static String withoutSecrets(String text) {
    return text.replaceAll("//[^/@\\s]*@", "//");
  }
}
