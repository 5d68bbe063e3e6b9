package org.dlaclab.tensor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * Named numpy arrays: a {@code .npz} archive, as {@code np.savez} writes it, or a folder of {@code
 * .npy} files. Arrays are read when they are asked for and are not kept.
 */
public final class NpyFolder {
  private static final String SUFFIX = ".npy";

  /** Deflate cannot shrink data further than this. */
  private static final long MAX_RATIO = 1032;

  private final Path path;
  private final boolean archive;
  private final SortedSet<String> names;

  private NpyFolder(Path path, boolean archive, SortedSet<String> names) {
    this.path = path;
    this.archive = archive;
    this.names = Collections.unmodifiableSortedSet(names);
  }

  /**
   * Looks which arrays there are.
   *
   * @throws DlacException if {@code path} is neither an archive nor a folder
   */
  public static NpyFolder open(Path path) {
    SortedSet<String> names = new TreeSet<>();
    boolean archive = !Files.isDirectory(path);
    try {
      if (archive) {
        try (ZipFile zip = new ZipFile(path.toFile())) {
          for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
            add(names, e.nextElement().getName());
          }
        }
      } else {
        try (Stream<Path> files = Files.list(path)) {
          files.forEach(file -> add(names, String.valueOf(file.getFileName())));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(path, e);
    }
    if (names.isEmpty()) {
      throw new DlacException(
          path + " holds no .npy array",
          "a .npz archive or a folder of .npy files",
          "np.savez(file, **{\"conv1.weight\": weight, \"conv1.ifm\": ifm})");
    }
    return new NpyFolder(path, archive, names);
  }

  private static void add(SortedSet<String> names, String file) {
    if (file.endsWith(SUFFIX)) {
      names.add(file.substring(0, file.length() - SUFFIX.length()));
    }
  }

  /** The names of the arrays, without {@code .npy}. */
  public SortedSet<String> names() {
    return names;
  }

  /**
   * The shape of array {@code name}; of the values nothing is read.
   *
   * @throws DlacException if there is no such array or it cannot be read
   */
  public Shape shape(String name) {
    return with(name, (label, header, in) -> header.shape());
  }

  /**
   * Whether array {@code name} has dtype bool; of the values nothing is read.
   *
   * @throws DlacException if there is no such array or it cannot be read
   */
  public boolean isMask(String name) {
    return with(name, (label, header, in) -> header.type() == Npy.Type.B1);
  }

  /**
   * Array {@code name}, whole.
   *
   * @throws DlacException if there is no such array, or it is damaged, truncated or of another
   *     dtype
   */
  public Npy read(String name) {
    return read(name, 0, Integer.MAX_VALUE);
  }

  /**
   * Part of array {@code name}: {@code count} slices of its slowest dimension from {@code first}
   * on. The values before are skipped and those behind not read, unless they are saved in Fortran
   * order.
   *
   * @throws DlacException as {@link #read(String)}
   */
  public Npy read(String name, int first, int count) {
    return with(name, (label, header, in) -> Npy.read(label, header, in, first, count));
  }

  private interface Use<T> {
    T apply(String label, NpyHeader header, InputStream in) throws IOException;
  }

  private <T> T with(String name, Use<T> use) {
    if (!names.contains(name)) {
      throw new DlacException(
          path + " holds no array \"" + name + "\"",
          "one of its " + names.size() + " arrays",
          "did you mean \"" + Check.nearest(name, names) + "\"?");
    }
    try {
      if (!archive) {
        Path file = path.resolve(name + SUFFIX);
        try (InputStream in = Files.newInputStream(file)) {
          return checked(file.toString(), in, Files.size(file), use);
        }
      }
      try (ZipFile zip = new ZipFile(path.toFile())) {
        ZipEntry entry = zip.getEntry(name + SUFFIX);
        if (entry == null) {
          throw new IOException("no entry " + name + SUFFIX);
        }
        long most =
            entry.getMethod() == ZipEntry.STORED
                ? entry.getCompressedSize()
                : Math.min(entry.getSize(), (entry.getCompressedSize() + 1) * MAX_RATIO);
        try (InputStream in = zip.getInputStream(entry)) {
          return checked(path + "[\"" + name + "\"]", in, most, use);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      if (e instanceof DlacException known) {
        throw known;
      }
      throw unreadable(path, e);
    }
  }

  /**
   * @param most bytes that {@code unbuffered} can give: what a header promises beyond is not
   *     believed
   */
  private static <T> T checked(String label, InputStream unbuffered, long most, Use<T> use)
      throws IOException {
    InputStream in = new BufferedInputStream(unbuffered);
    NpyHeader header = NpyHeader.read(label, in);
    if (header.bytes() > most) {
      throw NpyHeader.truncated(
          label, "at most " + most + " bytes for " + header.bytes() + " of values");
    }
    return use.apply(label, header, in);
  }

  private static DlacException unreadable(Path path, Exception e) {
    String expected = "a .npz archive, as np.savez writes it, or a folder of .npy files";
    if (e instanceof IOException io) {
      return DlacException.unreadable(path.toString(), expected, io);
    }
    return new DlacException(
        path + " cannot be read: " + e,
        expected,
        "check the path; copy the file again if it is damaged",
        e);
  }

  /** SHA-256 over the archive, or over the names and contents of the folder's arrays, in hex. */
  public String sha256() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      List<Path> files =
          archive
              ? List.of(path)
              : names.stream().map(n -> path.resolve(n + SUFFIX)).collect(Collectors.toList());
      for (Path file : files) {
        if (!archive) {
          digest.update(
              (file.getFileName() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw unreadable(path, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The path. */
  @Override
  public String toString() {
    return path.toString();
  }
}
