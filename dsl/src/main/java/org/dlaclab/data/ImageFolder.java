package org.dlaclab.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;

/**
 * PNG and JPEG files sorted into a folder per class: {@code folder/train/<class>/*.png} and {@code
 * folder/test/<class>/*.png}, or {@code folder/<class>/*.png} with a share held out for testing.
 *
 * <p>Classes are the names of the folders, sorted; images are in the order of their file names.
 * Files and folders that begin with a dot are left out. Images are grey if all of them are, else
 * all have the channels red, green and blue, and a grey one has the same in each. JPEG files are
 * turned as their Exif orientation says.
 */
public final class ImageFolder {
  private static final String HINT =
      "make it folder/train/<class>/*.png and folder/test/<class>/*.png, or folder/<class>/*.png";

  private ImageFolder() {}

  /** How a folder is read. */
  public sealed interface Option {}

  /**
   * Holds a share of a folder without halves out for testing, as {@link Images#hold} does.
   *
   * @param share above 0 and below 1
   * @param seed the same seed holds the same images out
   */
  public record HeldOut(double share, long seed) implements Option {
    public HeldOut {
      Check.fraction("the share held out", share);
      if (share == 0 || share == 1) {
        throw new DlacException(
            "the share held out is " + share,
            "above 0 and below 1, so that neither half is empty",
            "use heldOut(0.2, 1) for a fifth");
      }
    }
  }

  /**
   * Brings all images to one size, bilinear with antialiasing as PIL does it. The ratio of the
   * sides is not kept.
   *
   * @param height in pixels
   * @param width in pixels
   */
  public record Resize(int height, int width) implements Option, ImageFiles.Option {
    public Resize {
      Check.positive("the height of resize(height, width)", height);
      Check.positive("the width of resize(height, width)", width);
    }
  }

  /** Makes coloured images grey: {@code 0.299 R + 0.587 G + 0.114 B} (ITU-R BT.601). */
  public record Grey() implements Option, ImageFiles.Option {}

  /**
   * Reads a folder.
   *
   * @throws DlacException if the folders are not as above, images differ in size and no {@link
   *     Resize} is given, or a file is no image
   */
  public static Dataset read(Path folder, Option... options) {
    Check.distinct(
        "the image folder " + folder,
        type -> type == HeldOut.class ? "heldOut" : type == Resize.class ? "resize" : "grey",
        (Object[]) options);
    Path trainFolder = folder.resolve("train");
    Path testFolder = folder.resolve("test");
    boolean halves = Files.isDirectory(trainFolder) && Files.isDirectory(testFolder);
    Optional<HeldOut> share = option(HeldOut.class, options);
    if (halves == share.isPresent()) {
      throw halves
          ? new DlacException(
              folder + " has a folder test, and heldOut(...) is given",
              "one of them",
              "leave heldOut(...) out, or name the folder " + trainFolder)
          : new DlacException(
              folder.toAbsolutePath() + " has no folders train and test",
              "both, or a share to hold out for testing",
              "use heldOut(0.2, 1) to hold a fifth out, with seed 1");
    }
    Path first = halves ? trainFolder : folder;
    List<String> classes = visible(first).map(ImageFolder::name).toList();
    if (classes.isEmpty()) {
      throw new DlacException(first.toAbsolutePath() + " is empty", "a folder per class", HINT);
    }
    List<Labelled> train = files(first, classes);
    List<Labelled> test = halves ? files(testFolder, classes) : List.of();

    Decoder decoder =
        new Decoder(Decoder.Transparency.REFUSED, option(Grey.class, options).isPresent());
    List<Labelled> all = Stream.concat(train.stream(), test.stream()).toList();
    Images images = images(all, decoder, option(Resize.class, options));
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("source", "image files");
    provenance.put("licence", "not known");
    Images.Split split;
    if (share.isPresent()) {
      double held = share.get().share();
      int count = (int) Math.min(all.size() - 1L, Math.max(1, Math.round(held * all.size())));
      split = images.hold(count, share.get().seed());
      provenance.put(
          "test.images", "a share of " + held + ", held out with seed " + share.get().seed());
    } else {
      split = new Images.Split(images.first(train.size()), images.slice(train.size(), test.size()));
    }
    provenance.put("train.sha256", split.kept().sha256());
    provenance.put("test.sha256", split.held().sha256());
    return new Dataset(
        name(folder.toAbsolutePath().normalize()),
        split.kept(),
        split.held(),
        classes,
        Normalization.PLAIN,
        provenance);
  }

  private static <T extends Option> Optional<T> option(Class<T> type, Option... options) {
    return Arrays.stream(options).filter(type::isInstance).map(type::cast).findFirst();
  }

  /** A file and its class. */
  private record Labelled(Path file, int label) {}

  /** The files of all classes, class by class. */
  private static List<Labelled> files(Path half, List<String> classes) {
    List<Labelled> files = new ArrayList<>();
    for (Path folder : visible(half).toList()) {
      int label = classes.indexOf(name(folder));
      if (!Files.isDirectory(folder)) {
        throw new DlacException(
            folder + " is a file among the folders of the classes",
            "folders alone in " + half.getFileName(),
            HINT);
      }
      if (label < 0) {
        throw new DlacException(
            folder + " is a class that training does not have",
            "the classes " + String.join(", ", classes),
            "correct the folder's name, or add training images");
      }
      List<Path> members = visible(folder).toList();
      if (members.isEmpty()) {
        throw new DlacException(
            "the class " + folder + " has no images",
            "at least one .png or .jpg file",
            "add images, or delete the folder");
      }
      members.forEach(file -> files.add(new Labelled(requireImage(file, HINT), label)));
    }
    if (files.isEmpty()) {
      throw new DlacException(half.toAbsolutePath() + " is empty", "a folder per class", HINT);
    }
    return files;
  }

  /** This, if it is a file that is called as an image. */
  static Path requireImage(Path file, String hint) {
    String name = name(file).toLowerCase(Locale.ROOT);
    if (!Files.isRegularFile(file)
        || Stream.of(".png", ".jpg", ".jpeg").noneMatch(name::endsWith)) {
      throw new DlacException(
          file + " is not an image", "files that end in .png, .jpg or .jpeg alone", hint);
    }
    return file;
  }

  /** What is in a folder, by name; an order that does not depend on the file system. */
  static Stream<Path> visible(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !name(entry).startsWith("."))
          .sorted((a, b) -> name(a).compareTo(name(b)))
          .toList()
          .stream();
    } catch (IOException e) {
      throw DlacException.unreadable(folder.toString(), "a folder of images by class", e);
    }
  }

  static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "images" : name.toString();
  }

  /** Decodes all files; only their final bytes stay. */
  private static Images images(List<Labelled> files, Decoder decoder, Optional<Resize> resize) {
    List<Decoder.Picture> pictures = new ArrayList<>(files.size());
    double bytes = 0;
    for (Labelled labelled : files) {
      Decoder.Picture decoded = decoder.read(labelled.file());
      Decoder.Picture picture =
          resize.map(to -> Resampling.resized(decoded, to.height(), to.width())).orElse(decoded);
      if (!pictures.isEmpty()) {
        picture.requireSizeOf(pictures.get(0), files.get(0).file(), labelled.file(), "");
      }
      pictures.add(picture);
      bytes += picture.samples().length;
      if (pictures.size() % 1000 == 0) {
        Check.fitsHeap(
            files.size() + " images like those in " + labelled.file().getParent(),
            bytes * files.size() / pictures.size());
      }
    }
    int channels = pictures.stream().mapToInt(Decoder.Picture::channels).max().orElse(1);
    Decoder.Picture first = pictures.get(0);
    FeatureMap ifm = new FeatureMap(channels, first.height(), first.width());
    Check.fitsArray(files.size() + " images of " + ifm, (double) files.size() * ifm.size());
    byte[] pixels = new byte[files.size() * (int) ifm.size()];
    for (int i = 0; i < pictures.size(); i++) {
      byte[] samples = pictures.get(i).samples();
      for (int c = 0; c < channels; c++) {
        int from = pictures.get(i).channels() == 1 ? 0 : c * ifm.pixels();
        System.arraycopy(samples, from, pixels, (i * channels + c) * ifm.pixels(), ifm.pixels());
      }
    }
    return new Images(ifm, pixels, files.stream().mapToInt(Labelled::label).toArray());
  }
}
