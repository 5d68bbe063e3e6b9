package org.dlaclab.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.RandomAccess;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;

/**
 * Labelled images of 8 bits per pixel and channel: {@code count x channels x height x width}
 * unsigned bytes, and one label per image. Immutable; parts share the pixels of the whole.
 */
public final class Images {
  private final FeatureMap ifm;

  /** Never written to once it is here. */
  private final byte[] pixels;

  private final int[] labels;

  /** Where image i is among those of {@link #pixels} and {@link #labels}. */
  private final int[] rows;

  /**
   * Images that were not there before.
   *
   * @param pixels {@code count * ifm.size()} bytes, which the caller hands over
   * @param labels one per image, 0 or more, which the caller hands over
   */
  Images(FeatureMap ifm, byte[] pixels, int[] labels) {
    this(ifm, pixels, labels, IntStream.range(0, labels.length).toArray());
    if (labels.length == 0 || pixels.length != labels.length * ifm.size()) {
      throw new DlacException(
          pixels.length + " pixels for " + labels.length + " images of " + ifm,
          ifm.size() + " bytes per image, and at least one image",
          "correct the pixels or the labels");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new DlacException(
            "the label of image " + i + " is " + labels[i],
            "0 or more",
            "correct the label; the first class is 0");
      }
    }
  }

  private Images(FeatureMap ifm, byte[] pixels, int[] labels, int[] rows) {
    this.ifm = ifm;
    this.pixels = pixels;
    this.labels = labels;
    this.rows = rows;
  }

  /**
   * Images of your own.
   *
   * @param ifm the extents of one image
   * @param pixels {@code labels.length * ifm.size()} unsigned bytes: images, channels, rows,
   *     columns
   * @param labels one per image, 0 or more
   * @throws DlacException if the numbers of pixels and labels do not fit, or a label is negative
   */
  public static Images of(FeatureMap ifm, byte[] pixels, int... labels) {
    return new Images(ifm, pixels.clone(), labels.clone());
  }

  /** How many images. */
  public int count() {
    return rows.length;
  }

  /** The extents of each image. */
  public FeatureMap ifm() {
    return ifm;
  }

  /** The class of an image, 0 first. */
  public int label(int image) {
    return labels[rows[image]];
  }

  /** The class of each image. */
  public List<Integer> labels() {
    return new Labels(this);
  }

  /** A pixel, 0 (black) to 255. */
  public int pixel(int image, int channel, int y, int x) {
    return pixels[offset(image) + (channel * ifm.height() + y) * ifm.width() + x] & 0xff;
  }

  /**
   * The first {@code n} images.
   *
   * @throws DlacException if there are fewer, or {@code n} is below 1
   */
  public Images first(int n) {
    return slice(0, n);
  }

  /**
   * Images {@code from} to {@code from + count - 1}.
   *
   * @throws DlacException if they are not all there, or {@code count} is below 1
   */
  public Images slice(int from, int count) {
    if (from < 0 || count < 1 || (long) from + count > count()) {
      throw new DlacException(
          String.format(Locale.ROOT, "%,d images from %,d on, out of %,d", count, from, count()),
          "a part that is there, of at least one image",
          from == 0
              ? "use a number from 1 to " + count()
              : "use slice(from, count) with from + count at most " + count());
    }
    return part(Arrays.copyOfRange(rows, from, from + count));
  }

  /**
   * Two parts of the same images.
   *
   * @param kept what is left, for training
   * @param held what was held out, for validation
   */
  public record Split(Images kept, Images held) {}

  /**
   * Holds {@code count} images out, drawn at random. Each class is held out in proportion to its
   * size, to within one image. Both parts keep the order of the whole.
   *
   * @param seed the same seed gives the same parts
   * @throws DlacException if either part would have no images
   */
  public Split hold(int count, long seed) {
    if (count < 1 || count >= count()) {
      throw new DlacException(
          String.format(Locale.ROOT, "%,d images to hold out of %,d", count, count()),
          "at least one image held out and one kept",
          "use a number from 1 to " + Math.max(1, count() - 1));
    }
    int classes = 1 + IntStream.range(0, count()).map(this::label).max().orElse(0);
    int[][] members = new int[classes][];
    for (int c = 0; c < classes; c++) {
      int label = c;
      members[c] = IntStream.range(0, count()).filter(i -> label(i) == label).toArray();
    }
    int[] quota = quotas(members, count, seed);
    boolean[] held = new boolean[count()];
    for (int c = 0; c < classes; c++) {
      new Draw(seed, Draw.Purpose.HOLD, c).shuffle(members[c]);
      for (int i = 0; i < quota[c]; i++) {
        held[members[c][i]] = true;
      }
    }
    return new Split(
        part(IntStream.range(0, count()).filter(i -> !held[i]).map(i -> rows[i]).toArray()),
        part(IntStream.range(0, count()).filter(i -> held[i]).map(i -> rows[i]).toArray()));
  }

  /**
   * How many of each class are held out: the largest remainder method, in whole numbers. Classes of
   * equal remainder come in random order, so that the first ones are not preferred.
   */
  private int[] quotas(int[][] members, int count, long seed) {
    int[] quota = new int[members.length];
    long[] remainder = new long[members.length];
    int left = count;
    for (int c = 0; c < members.length; c++) {
      long share = (long) members[c].length * count;
      quota[c] = (int) (share / count());
      remainder[c] = share % count();
      left -= quota[c];
    }
    int[] order = IntStream.range(0, members.length).toArray();
    new Draw(seed, Draw.Purpose.HOLD, -1).shuffle(order);
    IntStream.of(order)
        .boxed()
        .sorted((a, b) -> Long.compare(remainder[b], remainder[a]))
        .limit(left)
        .forEach(c -> quota[c]++);
    return quota;
  }

  private Images part(int[] kept) {
    return new Images(ifm, pixels, labels, kept);
  }

  /**
   * SHA-256 in hexadecimal of all pixels followed by all labels, one byte each (four, big-endian,
   * where a label is above 255). It does not depend on how files are packed.
   */
  public String sha256() {
    MessageDigest digest = newDigest();
    int size = (int) ifm.size();
    for (int i = 0; i < count(); i++) {
      digest.update(pixels, offset(i), size);
    }
    boolean wide = IntStream.range(0, count()).anyMatch(i -> label(i) > 255);
    for (int i = 0; i < count(); i++) {
      if (wide) {
        digest.update(ByteBuffer.allocate(4).putInt(label(i)).flip());
      } else {
        digest.update((byte) label(i));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The pixels of all images that share them; not a copy, and never to be written to. */
  byte[] shared() {
    return pixels;
  }

  /** Where the pixels of an image begin in {@link #shared}. */
  int offset(int image) {
    return rows[image] * (int) ifm.size();
  }

  /** A view: a list of 60,000 boxed numbers would be larger than it is worth. */
  private static final class Labels extends AbstractList<Integer> implements RandomAccess {
    private final Images images;

    private Labels(Images images) {
      this.images = images;
    }

    @Override
    public Integer get(int index) {
      return images.label(index);
    }

    @Override
    public int size() {
      return images.count();
    }
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof Images that) || !ifm.equals(that.ifm) || count() != that.count()) {
      return false;
    }
    int size = (int) ifm.size();
    for (int i = 0; i < count(); i++) {
      int a = offset(i);
      int b = that.offset(i);
      if (label(i) != that.label(i)
          || !Arrays.equals(pixels, a, a + size, that.pixels, b, b + size)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    // Of the labels alone: equal images have equal labels, and there are few of them.
    return 31 * ifm.hashCode() + labels().hashCode();
  }

  /** For example {@code 60,000 images of 1x28x28}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%,d %s of %s", count(), count() == 1 ? "image" : "images", ifm);
  }
}
