package org.dlaclab.data;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;

/**
 * Labelled images to train with and others to test with.
 *
 * @param name what results call it, for example {@code fashion-mnist}
 * @param train the images to train with
 * @param test the images to test with, of the same extents
 * @param classes what each label means, label 0 first
 * @param normalization how pixels become a network's input
 * @param provenance where the images are from: {@code source}, {@code licence}, and for each half
 *     the SHA-256 of its pixels and labels ({@link Images#sha256}) as they were read, {@code
 *     train.sha256} and {@code test.sha256}; these two are found if they are not given
 */
public record Dataset(
    String name,
    Images train,
    Images test,
    List<String> classes,
    Normalization normalization,
    Map<String, String> provenance)
    implements ImageFiles.Option {
  public Dataset {
    Check.named("a data set", name);
    classes = List.copyOf(classes);
    // What is kept of a training says so which images it is of, whatever they are called.
    Map<String, String> said = new LinkedHashMap<>(provenance);
    said.computeIfAbsent("train.sha256", key -> train.sha256());
    said.computeIfAbsent("test.sha256", key -> test.sha256());
    provenance = Collections.unmodifiableMap(said);
    String what = "data set \"" + name + "\"";
    if (!train.ifm().equals(test.ifm())) {
      throw new DlacException(
          what + " has training images of " + train.ifm() + " and test images of " + test.ifm(),
          "images of one size",
          "resize the images, or check that both halves belong together");
    }
    if (classes.isEmpty() || new HashSet<>(classes).size() != classes.size()) {
      throw new DlacException(
          "the classes of " + what + " are " + classes,
          "a name of its own for each class",
          "correct the names");
    }
    requireLabels(what + ", training", train, classes.size());
    requireLabels(what + ", test", test, classes.size());
    normalization.requireChannels(train.ifm().channels());
  }

  static void requireLabels(String half, Images images, int classes) {
    for (int i = 0; i < images.count(); i++) {
      if (images.label(i) >= classes) {
        throw new DlacException(
            half + ": the label of image " + i + " is " + images.label(i),
            "0 to " + (classes - 1) + ", for " + classes + " classes",
            "correct the label, or name more classes");
      }
    }
  }

  /** The extents of one image. */
  public FeatureMap ifm() {
    return train.ifm();
  }

  /** How many classes. */
  public int classCount() {
    return classes.size();
  }

  /**
   * The first images of each half, for small runs; the provenance says so.
   *
   * @throws DlacException if there are fewer
   */
  public Dataset first(int train, int test) {
    Map<String, String> said = new LinkedHashMap<>(provenance);
    say(said, "train.images", train, this.train.count());
    say(said, "test.images", test, this.test.count());
    return new Dataset(
        name, this.train.first(train), this.test.first(test), classes, normalization, said);
  }

  private static void say(Map<String, String> provenance, String key, int kept, int count) {
    if (kept != count) {
      provenance.merge(
          key, "the first " + kept + " of " + count, (before, now) -> now + " (" + before + ")");
    }
  }

  /** The same images, with {@code (pixel / 255 - mean) / std} as a network's input. */
  public Dataset normalized(double mean, double std) {
    return normalized(List.of(mean), List.of(std));
  }

  /** As {@link #normalized(double, double)}, with a mean and a deviation per channel. */
  public Dataset normalized(List<Double> mean, List<Double> std) {
    return normalized(new Normalization(mean, std));
  }

  /** The same images with another normalization. */
  public Dataset normalized(Normalization normalization) {
    return new Dataset(name, train, test, classes, normalization, provenance);
  }

  /**
   * The same images, each channel with mean 0 and standard deviation 1 over the training half.
   * Black is not zero then: see {@link Normalization#PLAIN}.
   */
  public Dataset standardized() {
    return normalized(Normalization.of(train));
  }

  /** {@code images} as a network takes them: {@code count x channels x height x width}. */
  public Tensor tensor(Images images) {
    FeatureMap ifm = images.ifm();
    Batches.Batch all = Batches.inOrder(images, normalization, images.count()).get(0);
    return Tensor.of(
        Shape.of(images.count(), ifm.channels(), ifm.height(), ifm.width()), all.pixels());
  }

  /** Test images {@code from} to {@code from + count - 1} as a network takes them. */
  public Tensor testImages(int from, int count) {
    return tensor(test.slice(from, count));
  }

  /**
   * For example {@code fashion-mnist: 60,000 training and 10,000 test images of 1x28x28, 10
   * classes}.
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d training and %,d test images of %s, %d classes",
        name,
        train.count(),
        test.count(),
        ifm(),
        classCount());
  }
}
