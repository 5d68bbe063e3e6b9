package org.dlaclab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * PNG and JPEG files without labels, prepared as a network takes them. Files are decoded when their
 * pixels are asked for, one after another: of a folder with thousands, {@link #first} decodes what
 * it names.
 *
 * <p>In this order: an image is decoded to bytes and turned as the camera notes it was held (Exif
 * orientation of JPEG files); a grey image gets three equal channels, or, if {@code grey()} asks
 * for it, a coloured one becomes grey; alpha is left out, with the colour that is written under
 * transparent pixels, and so are colour profiles, both as {@code convert("RGB")} of PIL does; it is
 * resized (bilinear with antialiasing, to PIL's last byte), cropped at its centre, and its pixels
 * become {@code (scale * pixel / 255 - mean[c]) / std[c]}.
 *
 * @param files in the order of their names
 * @param preparation what is done to them
 */
public record ImageFiles(List<Path> files, Preparation preparation) {
  private static final String HINT = "name a .png or .jpg file, or a folder of such files";

  /** What {@code images(path, ...)} takes. Several at once are a preset, which others override. */
  public sealed interface Option
      permits ImageFolder.Resize,
          ImageFolder.Grey,
          Shorter,
          CentreCrop,
          Mean,
          Std,
          Scale,
          Bgr,
          Nhwc,
          Preset,
          Dataset {}

  /**
   * Brings the shorter side to a size and keeps the ratio of the sides; the longer one is rounded
   * down, as torchvision does.
   *
   * @param pixels of the shorter side
   */
  public record Shorter(int pixels) implements Option {
    public Shorter {
      Check.positive("the side of resize(pixels)", pixels);
    }
  }

  /**
   * Keeps the middle of an image.
   *
   * @param height in pixels
   * @param width in pixels
   */
  public record CentreCrop(int height, int width) implements Option {
    public CentreCrop {
      Check.positive("the height of centreCrop(height, width)", height);
      Check.positive("the width of centreCrop(height, width)", width);
    }
  }

  /**
   * What is subtracted from the pixels.
   *
   * @param values one per channel in the order of the result, or one for all
   */
  public record Mean(List<Double> values) implements Option {
    public Mean {
      values = List.copyOf(values);
    }
  }

  /**
   * What the pixels are divided by, after the mean was subtracted.
   *
   * @param values one per channel in the order of the result, or one for all
   */
  public record Std(List<Double> values) implements Option {
    public Std {
      values = List.copyOf(values);
    }
  }

  /**
   * What white is before the mean is subtracted: 1 if it is not given, 255 for networks that take
   * bytes.
   *
   * @param white above 0
   */
  public record Scale(double white) implements Option {
    public Scale {
      Check.positive("scale", white);
    }
  }

  /** Channels blue, green, red, as networks from Caffe take them. */
  public record Bgr() implements Option {}

  /** The channels of a pixel side by side, as networks from TensorFlow take them. */
  public record Nhwc() implements Option {}

  /**
   * Options under one name.
   *
   * @param name as the user wrote it
   * @param options which others of the same kind override
   */
  public record Preset(String name, List<Option> options) implements Option {
    public Preset {
      options = List.copyOf(options);
    }

    /**
     * How torchvision evaluates networks on ImageNet: the shorter side to {@code size / 0.875}, 256
     * for 224, the middle {@code size x size} of it, and the mean and deviation of ImageNet.
     */
    public static Preset imagenet(int size) {
      return new Preset(
          "imagenet(" + size + ")",
          List.of(
              new Shorter((int) Math.round(size / 0.875)),
              new CentreCrop(size, size),
              new Mean(List.of(0.485, 0.456, 0.406)),
              new Std(List.of(0.229, 0.224, 0.225))));
    }

    /** 32 x 32 pixels, with the mean and deviation of CIFAR-10's training images. */
    public static Preset cifar10() {
      return new Preset(
          "cifar10()",
          List.of(
              new ImageFolder.Resize(32, 32),
              new Mean(List.of(0.4914, 0.4822, 0.4465)),
              new Std(List.of(0.2470, 0.2435, 0.2616))));
    }

    private static Preset of(Dataset data) {
      List<Option> options = new ArrayList<>();
      options.add(new ImageFolder.Resize(data.ifm().height(), data.ifm().width()));
      options.add(new Mean(data.normalization().mean()));
      options.add(new Std(data.normalization().std()));
      if (data.ifm().channels() == 1) {
        options.add(new ImageFolder.Grey());
      }
      return new Preset("the images of " + data.name(), options);
    }
  }

  /**
   * What is done to each image.
   *
   * @param resize {@link ImageFolder.Resize} or {@link Shorter}, if any
   * @param crop the middle that is kept, if not all
   * @param grey whether the result has one channel, else three
   * @param bgr whether its channels are in the order blue, green, red
   * @param nhwc whether channels are the fastest dimension
   * @param normalization of the channels in the order of the result
   */
  public record Preparation(
      Optional<Option> resize,
      Optional<CentreCrop> crop,
      boolean grey,
      boolean bgr,
      boolean nhwc,
      Normalization normalization) {
    public Preparation {
      normalization.requireChannels(grey ? 1 : 3);
      if (grey && bgr) {
        throw new DlacException(
            "grey() and bgr() are both given",
            "one of them",
            "leave bgr() out: grey is one channel");
      }
    }

    private static Preparation of(Option... options) {
      Map<Class<?>, Option> chosen = new HashMap<>();
      List<Option> presets = Arrays.stream(options).filter(Preparation::isPreset).toList();
      if (presets.size() > 1) {
        throw twice(preset(presets.get(0)).name(), preset(presets.get(1)).name());
      }
      presets.forEach(p -> preset(p).options().forEach(o -> chosen.put(kind(o), o)));
      Map<Class<?>, Option> given = new HashMap<>();
      for (Option option : options) {
        if (!isPreset(option)) {
          Option before = given.put(kind(option), option);
          if (before != null) {
            throw twice(before.toString(), option.toString());
          }
        }
      }
      chosen.putAll(given);
      double white = chosen.get(Scale.class) instanceof Scale scale ? scale.white() : 1;
      List<Double> mean = chosen.get(Mean.class) instanceof Mean m ? m.values() : List.of(0.0);
      List<Double> std = chosen.get(Std.class) instanceof Std s ? s.values() : List.of(1.0);
      return new Preparation(
          Optional.ofNullable(chosen.get(ImageFolder.Resize.class)),
          Optional.ofNullable((CentreCrop) chosen.get(CentreCrop.class)),
          chosen.containsKey(ImageFolder.Grey.class),
          chosen.containsKey(Bgr.class),
          chosen.containsKey(Nhwc.class),
          normalization(mean, std, white));
    }

    private static boolean isPreset(Option option) {
      return option instanceof Preset || option instanceof Dataset;
    }

    private static Preset preset(Option option) {
      return option instanceof Dataset data ? Preset.of(data) : (Preset) option;
    }

    private static Class<?> kind(Option option) {
      return option instanceof Shorter ? ImageFolder.Resize.class : option.getClass();
    }

    private static DlacException twice(String one, String other) {
      return new DlacException(
          "images(...) gets " + one + " and " + other,
          "each kind of option at most once, and one preset",
          "remove one of them");
    }

    /** {@code (white * p - mean) / std} as {@code (p - mean / white) / (std / white)}. */
    private static Normalization normalization(List<Double> mean, List<Double> std, double white) {
      int channels = Math.max(mean.size(), std.size());
      return new Normalization(divided(mean, channels, white), divided(std, channels, white));
    }

    private static List<Double> divided(List<Double> values, int channels, double by) {
      List<Double> all = values.size() == 1 ? Collections.nCopies(channels, values.get(0)) : values;
      return all.stream().map(value -> value / by).toList();
    }

    /** The same extents, but pixels of 0 to 1, and channels red, green, blue before rows. */
    private Preparation plain() {
      return new Preparation(resize, crop, grey, false, false, Normalization.PLAIN);
    }
  }

  public ImageFiles {
    files = List.copyOf(files);
  }

  /**
   * The images of a folder in the order of their names, or the one of a file. Files and folders
   * that begin with a dot are left out.
   *
   * @throws DlacException if there is no image, a file is none by its name, or options contradict
   *     each other
   */
  public static ImageFiles read(Path path, Option... options) {
    Preparation preparation = Preparation.of(options);
    if (!Files.isDirectory(path)) {
      if (!Files.exists(path)) {
        throw new DlacException(
            path + " does not exist",
            "a .png or .jpg file, or a folder of such files",
            "check the path; relative ones start at " + Path.of("").toAbsolutePath());
      }
      return new ImageFiles(List.of(ImageFolder.requireImage(path, HINT)), preparation);
    }
    List<Path> files =
        ImageFolder.visible(path).map(file -> ImageFolder.requireImage(file, HINT)).toList();
    if (files.isEmpty()) {
      throw new DlacException(
          path.toAbsolutePath() + " is empty", "a folder of .png and .jpg files", HINT);
    }
    return new ImageFiles(files, preparation);
  }

  /** How many images. */
  public int count() {
    return files.size();
  }

  /** The names of the files, without their folder. */
  public List<String> names() {
    return files.stream().map(ImageFolder::name).toList();
  }

  /**
   * The first {@code n} images.
   *
   * @throws DlacException if there are fewer, or {@code n} is below 1
   */
  public ImageFiles first(int n) {
    if (n < 1 || n > count()) {
      throw new DlacException(
          "the first " + n + " of " + count() + " images are asked for",
          "1 to " + count(),
          "use first(" + Math.max(1, Math.min(n, count())) + ")");
    }
    return new ImageFiles(files.subList(0, n), preparation);
  }

  /**
   * The images as a network takes them: {@code n x C x H x W}, or {@code n x H x W x C} if {@code
   * nhwc()} asks for it. All of them are decoded, each time.
   *
   * @throws DlacException naming the file if one cannot be decoded, is smaller than the middle that
   *     is to be kept, or has another size than the first
   */
  public Tensor images() {
    return images(preparation);
  }

  /**
   * The images before their normalization, to look at: {@code n x C x H x W}, 0 (black) to 1,
   * channels red, green, blue.
   */
  public Tensor pixels() {
    return images(preparation.plain());
  }

  private Tensor images(Preparation how) {
    Decoder decoder = new Decoder(Decoder.Transparency.LEFT_OUT, how.grey());
    int channels = how.grey() ? 1 : 3;
    float[][] tables = how.normalization().tables(channels);
    Decoder.Picture first = prepared(decoder, how, files.get(0));
    int height = first.height();
    int width = first.width();
    double size = (double) channels * height * width;
    String what = count() + " images of " + channels + "x" + height + "x" + width;
    Check.fitsArray(what, count() * size);
    Check.fitsHeap(what, count() * size * Float.BYTES);
    float[] values = new float[count() * (int) size];
    for (int n = 0; n < count(); n++) {
      Decoder.Picture picture = n == 0 ? first : prepared(decoder, how, files.get(n));
      picture.requireSizeOf(first, files.get(0), files.get(n), ", or imagenet()");
      fill(how, tables, picture, values, n * (int) size);
    }
    return Tensor.of(
        how.nhwc()
            ? Shape.of(count(), height, width, channels)
            : Shape.of(count(), channels, height, width),
        values);
  }

  private static void fill(
      Preparation how, float[][] tables, Decoder.Picture picture, float[] values, int at) {
    int plane = picture.height() * picture.width();
    int channels = tables.length;
    for (int c = 0; c < channels; c++) {
      int channel = picture.channels() == 1 ? 0 : how.bgr() ? channels - 1 - c : c;
      for (int i = 0; i < plane; i++) {
        float value = tables[c][picture.samples()[channel * plane + i] & 0xff];
        values[at + (how.nhwc() ? i * channels + c : c * plane + i)] = value;
      }
    }
  }

  private static Decoder.Picture prepared(Decoder decoder, Preparation how, Path file) {
    Decoder.Picture picture = decoder.read(file);
    if (how.resize().isPresent()) {
      picture = resized(picture, how.resize().get());
    }
    return how.crop().isPresent() ? cropped(file, picture, how.crop().get()) : picture;
  }

  private static Decoder.Picture resized(Decoder.Picture picture, Option to) {
    if (to instanceof ImageFolder.Resize exact) {
      return Resampling.resized(picture, exact.height(), exact.width());
    }
    long shorter = ((Shorter) to).pixels();
    boolean wide = picture.width() > picture.height();
    int least = wide ? picture.height() : picture.width();
    int longer = (int) (shorter * Math.max(picture.width(), picture.height()) / least);
    return wide
        ? Resampling.resized(picture, (int) shorter, longer)
        : Resampling.resized(picture, longer, (int) shorter);
  }

  private static Decoder.Picture cropped(Path file, Decoder.Picture from, CentreCrop to) {
    if (to.height() > from.height() || to.width() > from.width()) {
      throw new DlacException(
          file
              + " has "
              + from.height()
              + "x"
              + from.width()
              + " pixels before centreCrop("
              + to.height()
              + ", "
              + to.width()
              + ")",
          "an image of at least the size that is kept",
          "put resize(" + Math.max(to.height(), to.width()) + ") before it, for the shorter side");
    }
    // Half to even, as Python's round does.
    int top = (int) Math.rint((from.height() - to.height()) / 2.0);
    int left = (int) Math.rint((from.width() - to.width()) / 2.0);
    byte[] samples = new byte[from.channels() * to.height() * to.width()];
    for (int c = 0; c < from.channels(); c++) {
      for (int y = 0; y < to.height(); y++) {
        System.arraycopy(
            from.samples(),
            (c * from.height() + top + y) * from.width() + left,
            samples,
            (c * to.height() + y) * to.width(),
            to.width());
      }
    }
    return new Decoder.Picture(from.channels(), to.height(), to.width(), samples);
  }

  /** For example {@code 3 image files: bird.jpg, boat.png, cat.jpg}. */
  @Override
  public String toString() {
    List<String> some = names().stream().limit(5).toList();
    return count()
        + (count() == 1 ? " image file: " : " image files: ")
        + String.join(", ", some)
        + (count() > some.size() ? ", ..." : "");
  }
}
