package org.dlaclab.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;

/**
 * Deals images to a training in batches, epoch after epoch.
 *
 * <p>There is no state to save or to share: the order of epoch e depends on the seed and e alone,
 * and how an image is augmented on the seed, e and the image. So a resumed training goes on
 * exactly, whatever was read before, and threads may read at the same time. Neither depends on the
 * size of batches.
 */
public final class Batches {
  private final Source source;
  private final List<Augmentation> augmentation;
  private final int size;
  private final long seed;

  /**
   * @param images what to train on
   * @param augmentation each kind at most once; their order does not matter
   * @param size images per batch; the last, smaller batch of an epoch is left out
   * @throws DlacException if there are fewer images than fill a batch, or an augmentation does not
   *     fit the images
   */
  public Batches(
      Images images,
      Normalization normalization,
      List<Augmentation> augmentation,
      int size,
      long seed) {
    this.source = new Source(images, normalization);
    this.augmentation = List.copyOf(augmentation);
    this.size = Check.positive("the batch size", size);
    this.seed = seed;
    if (size > images.count()) {
      throw new DlacException(
          "a batch of " + size + " out of " + images,
          "at least one full batch per epoch",
          "use a batch size of " + images.count() + " or less");
    }
    Check.distinct(
        "the augmentation",
        type -> type == Augmentation.Crop.class ? "crop" : "flip",
        this.augmentation.toArray());
    int side = Math.min(images.ifm().height(), images.ifm().width());
    if (padding() >= side) {
      throw new DlacException(
          "crop(" + padding() + ") of images of " + images.ifm(),
          "less than the smaller side, so that something of the image is left",
          "use crop(" + Math.max(1, side / 8) + ")");
    }
  }

  /** The training half of a data set, with its normalization. */
  public Batches(Dataset data, List<Augmentation> augmentation, int size, long seed) {
    this(data.train(), data.normalization(), augmentation, size, seed);
  }

  /**
   * All images in order, as they are, for evaluation; the last batch is smaller if {@code size}
   * does not divide their number.
   *
   * @param size images per batch, 1 or more
   */
  public static Epoch inOrder(Images images, Normalization normalization, int size) {
    int[] order = IntStream.range(0, images.count()).toArray();
    Check.positive("the batch size", size);
    int count = (int) (((long) images.count() + size - 1) / size);
    return new Epoch(new Source(images, normalization), order, size, count, Changes.NONE);
  }

  /** Full batches per epoch. */
  public int count() {
    return source.images.count() / size;
  }

  /** Images per batch. */
  public int size() {
    return size;
  }

  /** The batches of an epoch, 0 first. */
  public Epoch epoch(int e) {
    Check.atLeast("the epoch", e, 0);
    int[] order = IntStream.range(0, source.images.count()).toArray();
    new Draw(seed, Draw.Purpose.ORDER, e).shuffle(order);
    boolean flips = augmentation.stream().anyMatch(Augmentation.Flip.class::isInstance);
    return new Epoch(source, order, size, count(), new Changes(seed, e, padding(), flips));
  }

  private int padding() {
    return augmentation.stream()
        .filter(Augmentation.Crop.class::isInstance)
        .mapToInt(a -> ((Augmentation.Crop) a).padding())
        .sum();
  }

  /** Images, and the number that each byte of theirs stands for. */
  private static final class Source {
    private final Images images;
    private final float[][] tables;

    Source(Images images, Normalization normalization) {
      this.images = images;
      this.tables = normalization.tables(images.ifm().channels());
    }
  }

  /** How the images of an epoch are changed; without numbers to draw, not at all. */
  private static final class Changes {
    static final Changes NONE = new Changes(0, 0, 0, false);

    private final int padding;
    private final boolean flips;
    private final Draw rows;
    private final Draw columns;
    private final Draw mirror;

    Changes(long seed, int epoch, int padding, boolean flips) {
      this.padding = padding;
      this.flips = flips;
      this.rows = new Draw(seed, Draw.Purpose.CROP_ROW, epoch);
      this.columns = new Draw(seed, Draw.Purpose.CROP_COLUMN, epoch);
      this.mirror = new Draw(seed, Draw.Purpose.FLIP, epoch);
    }

    /** Row of the image that becomes the first: {@code -padding} to {@code padding}. */
    int top(int image) {
      return rows.below(2 * padding + 1, image) - padding;
    }

    int left(int image) {
      return columns.below(2 * padding + 1, image) - padding;
    }

    boolean mirrors(int image) {
      return flips && mirror.below(2, image) == 1;
    }
  }

  /** The batches of one epoch. Reading one does not change it. */
  public static final class Epoch implements Iterable<Batch> {
    private final Source source;
    private final int[] order;
    private final int size;
    private final int count;
    private final Changes changes;

    private Epoch(Source source, int[] order, int size, int count, Changes changes) {
      this.source = source;
      this.order = order;
      this.size = size;
      this.count = count;
      this.changes = changes;
    }

    /** How many batches. */
    public int count() {
      return count;
    }

    /** How many images all batches have together. */
    public int images() {
      return (int) Math.min((long) count * size, order.length);
    }

    /**
     * A batch, in arrays of its own.
     *
     * @param index 0 to {@code count() - 1}
     */
    public Batch get(int index) {
      if (index < 0 || index >= count) {
        throw new DlacException(
            "batch " + index + " of an epoch of " + count,
            "0 to " + (count - 1),
            "ask for a batch that is there");
      }
      int from = index * size;
      int images = Math.min(size, order.length - from);
      FeatureMap ifm = source.images.ifm();
      Check.fitsArray("a batch of " + images + " images of " + ifm, (double) images * ifm.size());
      float[] pixels = new float[images * (int) ifm.size()];
      int[] labels = new int[images];
      for (int i = 0; i < images; i++) {
        int image = order[from + i];
        labels[i] = source.images.label(image);
        put(image, pixels, i * (int) ifm.size());
      }
      return new Batch(pixels, labels);
    }

    /** Writes an image as a network takes it. */
    private void put(int image, float[] to, int at) {
      FeatureMap ifm = source.images.ifm();
      int top = changes.top(image);
      int left = changes.left(image);
      boolean mirrored = changes.mirrors(image);
      boolean asIs = top == 0 && left == 0 && !mirrored;
      for (int c = 0; c < ifm.channels(); c++) {
        int plane = c * ifm.pixels();
        int from = source.images.offset(image) + plane;
        if (asIs) {
          copy(from, source.tables[c], to, at + plane, ifm.pixels());
        } else {
          shift(from, source.tables[c], to, at + plane, top, left, mirrored);
        }
      }
    }

    private void copy(int from, float[] table, float[] to, int at, int pixels) {
      byte[] bytes = source.images.shared();
      for (int p = 0; p < pixels; p++) {
        to[at + p] = table[bytes[from + p] & 0xff];
      }
    }

    /** Writes a channel whose pixel {@code (y + top, x + left)} becomes {@code (y, x)}. */
    private void shift(
        int from, float[] table, float[] to, int at, int top, int left, boolean mirrored) {
      byte[] bytes = source.images.shared();
      int height = source.images.ifm().height();
      int width = source.images.ifm().width();
      Arrays.fill(to, at, at + height * width, table[0]);
      // The part of the result that the image reaches; what is around it is padding.
      int endY = Math.min(height, height - top);
      int endX = Math.min(width, width - left);
      int step = mirrored ? -1 : 1;
      for (int y = Math.max(0, -top); y < endY; y++) {
        int row = from + (y + top) * width + left;
        int target = at + y * width + (mirrored ? width - 1 : 0);
        for (int x = Math.max(0, -left); x < endX; x++) {
          to[target + step * x] = table[bytes[row + x] & 0xff];
        }
      }
    }

    @Override
    public Iterator<Batch> iterator() {
      return IntStream.range(0, count).mapToObj(this::get).iterator();
    }

    /** For example {@code 468 batches of 128}. */
    @Override
    public String toString() {
      return count + (count == 1 ? " batch of " : " batches of ") + size;
    }
  }

  /** Images as a network takes them. */
  public static final class Batch {
    private final float[] pixels;
    private final int[] labels;

    private Batch(float[] pixels, int[] labels) {
      this.pixels = pixels;
      this.labels = labels;
    }

    /**
     * {@code size x channels x height x width} normalized pixels. Not a copy: it is the reader's.
     */
    public float[] pixels() {
      return pixels;
    }

    /** The class of each image. Not a copy. */
    public int[] labels() {
      return labels;
    }

    /** How many images. */
    public int size() {
      return labels.length;
    }
  }
}
