package org.dlaclab.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;

/**
 * Grey images in the IDX files of MNIST (LeCun, Cortes and Burges): a magic number, the extents as
 * big-endian integers of 32 bits, and the bytes.
 *
 * <p>A folder has four of them: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
 * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}; each may be packed with gzip
 * and then ends in {@code .gz}. If a file is there packed and unpacked, the unpacked one is read.
 */
public final class Idx {
  /** Unsigned bytes (8) in three dimensions; in one. */
  private static final int IMAGES_MAGIC = 0x803;

  private static final int LABELS_MAGIC = 0x801;

  /** What deflate packs into a byte at most, in bytes (zlib's technical details). */
  private static final int DEFLATE_RATIO = 1032;

  private final Path folder;

  /** What to try if a file is not right. */
  private final String hint;

  /** SHA-256 of the unpacked files by their names; empty if none is known. */
  private final Map<String, String> published;

  private Idx(Path folder, String hint, Map<String, String> published) {
    this.folder = folder;
    this.hint = hint;
    this.published = published;
  }

  /**
   * Reads a folder of four files; any number of images, of any size.
   *
   * @param folder where the files are
   * @param classes what each label means, label 0 first; without them, labels are their own names,
   *     up to the highest one in training
   * @throws DlacException if a file is missing, damaged, or not what its name says
   */
  public static Dataset read(Path folder, String... classes) {
    Path named = folder.toAbsolutePath().normalize().getFileName();
    return read(
        named == null ? "idx" : named.toString(),
        folder,
        List.of(classes),
        Map.of("source", "IDX files", "licence", "not known"),
        Map.of(),
        "get the file again, or name another folder");
  }

  /** As {@link #read(Path, String...)}, for files that are known; they must be these. */
  static Dataset read(
      String name,
      Path folder,
      List<String> classes,
      Map<String, String> origin,
      Map<String, String> published,
      String hint) {
    Idx files = new Idx(folder, hint, published);
    files.requireAll();
    Images train = files.half("train");
    Images test = files.half("t10k");
    List<String> meanings = classes.isEmpty() ? numbers(train) : classes;
    files.requireLabels("train", train, meanings.size(), !classes.isEmpty());
    files.requireLabels("t10k", test, meanings.size(), !classes.isEmpty());
    Map<String, String> provenance = new LinkedHashMap<>();
    Stream.of("source", "licence")
        .forEach(key -> provenance.put(key, origin.getOrDefault(key, "")));
    provenance.put("train.sha256", train.sha256());
    provenance.put("test.sha256", test.sha256());
    return new Dataset(name, train, test, meanings, Normalization.PLAIN, provenance);
  }

  private static List<String> numbers(Images train) {
    int highest = train.labels().stream().mapToInt(Integer::intValue).max().orElse(0);
    return IntStream.rangeClosed(0, highest).mapToObj(String::valueOf).toList();
  }

  private void requireLabels(String half, Images images, int classes, boolean named) {
    for (int i = 0; i < images.count(); i++) {
      if (images.label(i) >= classes) {
        throw new DlacException(
            "label " + i + " in " + file(labels(half)) + " is " + images.label(i),
            "0 to "
                + (classes - 1)
                + (named ? ", for " + classes + " classes" : ", the highest label in training"),
            hint);
      }
    }
  }

  private static String images(String half) {
    return half + "-images-idx3-ubyte";
  }

  private static String labels(String half) {
    return half + "-labels-idx1-ubyte";
  }

  /** All four, before the first of them is read: a user then knows at once what is missing. */
  private void requireAll() {
    List<String> missing =
        Stream.of(images("train"), labels("train"), images("t10k"), labels("t10k"))
            .filter(name -> !Files.isRegularFile(file(name)))
            .toList();
    if (!missing.isEmpty()) {
      throw new DlacException(
          Files.isDirectory(folder)
              ? folder.toAbsolutePath()
                  + " has no "
                  + missing.stream().collect(Collectors.joining(", "))
              : folder.toAbsolutePath() + " is not a folder that exists",
          "four IDX files, packed (.gz) or not",
          hint);
    }
  }

  /** The file of this name: as it is, else packed. */
  private Path file(String name) {
    Path plain = folder.resolve(name);
    return Files.isRegularFile(plain) ? plain : folder.resolve(name + ".gz");
  }

  private Images half(String half) {
    Content images = content(images(half), IMAGES_MAGIC);
    Content labels = content(labels(half), LABELS_MAGIC);
    if (images.extents[0] != labels.extents[0]) {
      throw new DlacException(
          String.format(
              Locale.ROOT,
              "%s has %,d images, and %s %,d labels",
              file(images(half)),
              images.extents[0],
              file(labels(half)).getFileName(),
              labels.extents[0]),
          "one label per image",
          hint);
    }
    int[] classes = new int[labels.bytes.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = labels.bytes[i] & 0xff;
    }
    return new Images(
        new FeatureMap(1, images.extents[1], images.extents[2]), images.bytes, classes);
  }

  /** What a file holds, after its magic number. */
  private static final class Content {
    private final int[] extents;
    private final byte[] bytes;

    Content(int[] extents, byte[] bytes) {
      this.extents = extents;
      this.bytes = bytes;
    }
  }

  private Content content(String name, int magic) {
    Path file = file(name);
    boolean packed = file.toString().endsWith(".gz");
    MessageDigest digest = Images.newDigest();
    Content content;
    try (InputStream raw = Files.newInputStream(file);
        DataInputStream in =
            new DataInputStream(
                new DigestInputStream(packed ? new GZIPInputStream(raw, 1 << 16) : raw, digest))) {
      requireMagic(file, magic, in.readInt());
      int[] extents = new int[magic & 0xff];
      for (int d = 0; d < extents.length; d++) {
        extents[d] = in.readInt();
      }
      int size = requireSize(file, packed, extents);
      byte[] bytes = in.readNBytes(size);
      if (bytes.length != size) {
        throw truncated(file, size, bytes.length);
      }
      if (in.read() >= 0) {
        throw new DlacException(
            String.format(Locale.ROOT, "%s goes on after its %,d bytes of data", file, size),
            "the end of the file",
            hint);
      }
      content = new Content(extents, bytes);
    } catch (ZipException e) {
      throw new DlacException(
          file + " cannot be unpacked: " + e.getMessage(),
          "a file packed with gzip, whole",
          "if it is not packed, take .gz off its name; else " + hint,
          e);
    } catch (EOFException e) {
      throw new DlacException(file + " ends too early", "a whole IDX file", hint, e);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), "an IDX file", e);
    }
    requirePublished(name, file, HexFormat.of().formatHex(digest.digest()));
    return content;
  }

  private void requireMagic(Path file, int magic, int found) {
    if (found == magic) {
      return;
    }
    String content =
        switch (found) {
          case IMAGES_MAGIC -> ", that of images";
          case LABELS_MAGIC -> ", that of labels";
          default -> found >>> 16 == 0x1f8b ? ", that of a gzip file" : "";
        };
    throw new DlacException(
        String.format(Locale.ROOT, "%s begins with 0x%08x%s", file, found, content),
        String.format(
            Locale.ROOT,
            "0x%08x, for %s of 8 bits",
            magic,
            magic == IMAGES_MAGIC ? "images" : "labels"),
        content.isEmpty()
            ? hint
            : content.endsWith("gzip file")
                ? "unpack it, or end its name in .gz"
                : "look whether files were swapped; else " + hint);
  }

  /** The product of {@code extents}, if the file is large enough to hold so many bytes. */
  private int requireSize(Path file, boolean packed, int[] extents) throws IOException {
    double declared = 1;
    for (int extent : extents) {
      if (extent < 1) {
        throw new DlacException(file + " declares " + text(extents), "extents of at least 1", hint);
      }
      declared *= extent;
    }
    int header = Integer.BYTES * (1 + extents.length);
    long room = Files.size(file);
    double most = packed ? (double) room * DEFLATE_RATIO : room - header;
    if (declared > most) {
      throw packed
          ? new DlacException(
              String.format(
                  Locale.ROOT,
                  "%s declares %s, %.0f bytes, which a file of %,d bytes cannot hold",
                  file,
                  text(extents),
                  declared,
                  room),
              "as many bytes as it declares",
              hint)
          : truncated(file, declared, most);
    }
    Check.fitsArray(file + ", " + text(extents), declared);
    // Twice: the parts that were read, and the whole.
    Check.fitsHeap(file.toString(), 2 * declared);
    return (int) declared;
  }

  private DlacException truncated(Path file, double declared, double found) {
    return new DlacException(
        String.format(
            Locale.ROOT,
            "%s ends after %,.0f of %,.0f bytes of data",
            file,
            Math.max(0, found),
            declared),
        "a whole file",
        hint);
  }

  private static String text(int[] extents) {
    return IntStream.of(extents).mapToObj(String::valueOf).collect(Collectors.joining("x"));
  }

  private void requirePublished(String name, Path file, String sha256) {
    String known = published.getOrDefault(name, sha256);
    if (!sha256.equals(known)) {
      throw new DlacException(
          "the SHA-256 of " + file + ", unpacked, is " + sha256,
          known + ", as published",
          hint + "; for other images in this format, use idx(folder)");
    }
  }
}
