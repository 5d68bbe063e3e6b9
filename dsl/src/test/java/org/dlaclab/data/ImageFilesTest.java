package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;
import static org.dlaclab.error.Refusals.assertRefused;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Trained;
import org.dlaclab.tensor.Npy;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against PIL: {@code make-fixtures.py} beside the images wrote what it makes of them. */
class ImageFilesTest {
  @TempDir Path folder;

  private static String fixture(String name) {
    try {
      return Path.of(Objects.requireNonNull(ImageFilesTest.class.getResource(name), name).toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tensor pil(String name) {
    return Npy.read(Path.of(fixture(name + ".npy"))).tensor();
  }

  private static void assertNear(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape().dims().subList(1, 4)).isEqualTo(expected.shape().dims());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("%d", i).isCloseTo(expected.get(i), within((float) tolerance));
    }
  }

  /** Bytes as they are, for comparison. */
  private static Tensor bytes(String name, ImageFiles.Option... options) {
    ImageFiles.Option[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = scale(255);
    return images(fixture(name), all).images();
  }

  @ParameterizedTest
  @CsvSource({"32, 32", "20, 61", "45, 13", "90, 100", "7, 200"})
  void aPngFileIsResizedToPilsLastByte(int height, int width) {
    assertNear(
        bytes("photo.png", resize(height, width)), pil("photo-" + height + "x" + width), 1e-4);
  }

  @Test
  void theMiddleAndItsNormalizationAreThoseOfTorchvision() {
    Tensor tensor =
        images(
                fixture("photo.png"),
                resize(24),
                centreCrop(21),
                mean(0.485, 0.456, 0.406),
                std(0.229, 0.224, 0.225))
            .images();
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 3, 21, 21));
    assertNear(tensor, pil("photo-normalized"), 1e-6);
  }

  /** Decoders of JPEG may differ in the last bit of a colour. */
  @Test
  void jpegFilesDecodeAsPilDecodesThem() {
    assertNear(bytes("photo.jpg"), pil("photo-jpg"), 1.001);
    assertNear(bytes("progressive.jpg"), pil("progressive-jpg"), 1.001);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grey", "grey-alpha", "rgba", "palette", "bits"})
  void greyAndAlphaAndPalettesBecomeThreeChannelsAsInPil(String kind) {
    assertNear(bytes(kind + ".png"), pil(kind), 1e-4);
  }

  @Test
  void aGreyImageIsOneChannelWhereThatIsAsked() {
    Tensor grey = bytes("grey-alpha.png", grey());
    assertThat(grey.shape()).isEqualTo(Shape.of(1, 1, 5, 9));
    Tensor three = pil("grey-alpha");
    for (int i = 0; i < 45; i++) {
      assertThat(grey.get(i)).isCloseTo(three.get(i), within(1e-4f));
    }
    Tensor colours = bytes("rgba.png");
    Tensor luma = bytes("rgba.png", grey());
    for (int i = 0; i < 45; i++) {
      double expected =
          0.299 * colours.get(i) + 0.587 * colours.get(45 + i) + 0.114 * colours.get(90 + i);
      assertThat((double) luma.get(i)).isCloseTo(expected, within(0.51));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aPhotographStandsAsTheCameraWasHeld(int orientation) {
    String held = "held-" + orientation;
    assertNear(bytes(held + ".jpg"), pil(held), 1.001);
  }

  @Test
  void channelsComeInTheOrderAndTheLayoutThatANetworkTakes() {
    Tensor rgb = bytes("photo.png");
    Tensor bgr = bytes("photo.png", bgr());
    Tensor nhwc = bytes("photo.png", nhwc());
    assertThat(nhwc.shape()).isEqualTo(Shape.of(1, 45, 61, 3));
    int plane = 45 * 61;
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 3; c++) {
        assertThat(bgr.get((2 - c) * plane + i)).isEqualTo(rgb.get(c * plane + i));
        assertThat(nhwc.get(3 * i + c)).isEqualTo(rgb.get(c * plane + i));
      }
    }
  }

  @Test
  void meansAreOfTheChannelsInTheirNewOrder() {
    Tensor plain = bytes("photo.png", bgr());
    Tensor caffe = bytes("photo.png", bgr(), mean(103.939, 116.779, 123.68));
    int plane = 45 * 61;
    for (int i = 0; i < plane; i += 13) {
      assertThat(caffe.get(i)).isCloseTo(plain.get(i) - 103.939f, within(1e-3f));
      assertThat(caffe.get(2 * plane + i))
          .isCloseTo(plain.get(2 * plane + i) - 123.68f, within(1e-3f));
    }
    Tensor symmetric = images(fixture("photo.png"), mean(0.5), std(0.5)).images();
    assertThat(symmetric.get(7)).isCloseTo(bytes("photo.png").get(7) / 127.5f - 1, within(1e-6f));
  }

  @Test
  void presetsAreWhatTheyStandForAndOptionsOverrideThem() {
    assertThat(imagenet().options())
        .containsExactly(
            resize(256), centreCrop(224), mean(0.485, 0.456, 0.406), std(0.229, 0.224, 0.225));
    assertThat(imagenet(299).options()).contains(resize(342), centreCrop(299));
    Tensor one = images(fixture("photo.png"), imagenet()).images();
    assertThat(one.shape()).isEqualTo(Shape.of(1, 3, 224, 224));
    assertThat(images(fixture("photo.png"), cifar10()).images().shape())
        .isEqualTo(Shape.of(1, 3, 32, 32));
    Tensor other =
        images(fixture("photo.png"), centreCrop(30, 40), imagenet(), resize(32)).images();
    assertThat(other.shape()).isEqualTo(Shape.of(1, 3, 30, 40));
  }

  @Test
  void aDataSetIsAPresetForItsOwnNetworks() {
    Images digits = Images.of(ifm(1, 8, 6), new byte[48], 0);
    Dataset data =
        new Dataset(
            "digits",
            digits,
            digits,
            List.of("0"),
            new Normalization(List.of(0.5), List.of(2.0)),
            Map.of());
    Tensor tensor = images(fixture("photo.png"), data).images();
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 1, 8, 6));
    Tensor bytes = bytes("photo.png", grey(), resize(8, 6));
    assertThat(tensor.get(20)).isCloseTo((bytes.get(20) / 255 - 0.5f) / 2, within(1e-6f));
  }

  @Test
  void whatIsShownIsNotNormalized() {
    ImageFiles files =
        images(fixture("photo.png"), mean(0.3), std(0.2), resize(32, 32), bgr(), nhwc());
    Tensor shown = files.pixels();
    Tensor bytes = pil("photo-32x32");
    for (int i = 0; i < bytes.size(); i++) {
      assertThat(shown.get(i)).isCloseTo(bytes.get(i) / 255, within(1e-6f));
    }
  }

  private void copy(String fixture, String to) throws IOException {
    Files.copy(Path.of(fixture(fixture)), folder.resolve(to));
  }

  @Test
  void aFolderGivesItsImagesInTheOrderOfTheirNames() throws IOException {
    copy("photo.png", "b.png");
    copy("held-1.jpg", "a.JPG");
    copy("grey.png", "c.png");
    Files.write(folder.resolve(".hidden"), new byte[3]);
    ImageFiles files = images(folder.toString(), resize(10, 10), scale(255));
    assertThat(files.names()).containsExactly("a.JPG", "b.png", "c.png");
    assertThat(files).hasToString("3 image files: a.JPG, b.png, c.png");
    Tensor all = files.images();
    assertThat(all.shape()).isEqualTo(Shape.of(3, 3, 10, 10));
    Tensor second = images(folder.resolve("b.png").toString(), resize(10, 10), scale(255)).images();
    for (int i = 0; i < 300; i++) {
      assertThat(all.get(300 + i)).isEqualTo(second.get(i));
    }
  }

  @Test
  void filesBehindTheFirstOnesAreNotDecoded() throws IOException {
    copy("photo.png", "a.png");
    Files.writeString(folder.resolve("b.png"), "no image");
    ImageFiles files = images(folder.toString());
    assertThat(files.first(1).images().shape()).isEqualTo(Shape.of(1, 3, 45, 61));
    assertRefused(files::images, "b.png is not an image");
    assertRefused(() -> files.first(3), "the first 3 of 2 images");
    assertRefused(() -> files.first(0), "the first 0 of 2 images");
  }

  @Test
  void whatCannotBeUsedIsNamed() throws IOException {
    copy("photo.png", "a.png");
    assertRefused(() -> images("no/such.png"), "no/such.png does not exist");
    assertRefused(
        () -> images(folder.resolve("a.png").toString(), centreCrop(46)).images(),
        "a.png has 45x61 pixels before centreCrop(46, 46)",
        "resize(46)");
    copy("cmyk.jpg", "d.jpg");
    assertRefused(
        () -> images(folder.resolve("d.jpg").toString()).images(),
        "d.jpg has 4 channels of colour, CMYK");
    copy("grey.png", "b.png");
    assertRefused(
        () -> images(folder.toString()).first(2).images(),
        "b.png has 5x9 pixels, and",
        "a.png 45x61",
        "resize(45, 61)");
    Files.createDirectory(folder.resolve("e"));
    assertRefused(() -> images(folder.toString()), "e is not an image");
    assertRefused(() -> images(folder.resolve("e").toString()), "is empty");
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    String photo = fixture("photo.png");
    assertRefused(() -> images(photo, resize(3), resize(4, 4)), "Shorter", "Resize");
    assertRefused(() -> images(photo, imagenet(), cifar10()), "imagenet(224)", "cifar10()");
    assertRefused(() -> images(photo, grey(), bgr()), "grey() and bgr()");
    assertRefused(() -> images(photo, grey(), imagenet()), "3 channels, and images of 1");
    assertRefused(() -> images(photo, std(0)), "deviation");
    assertRefused(() -> resize(0), "resize(pixels)");
    assertRefused(() -> scale(-1), "scale is -1");
  }

  @Test
  void damagedJpegFilesAreRefusedOrRead() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of(fixture("held-6.jpg")));
    Path file = folder.resolve("x.jpg");
    Random random = new Random(1);
    for (int i = 0; i < 600; i++) {
      byte[] damaged = whole.clone();
      // The head with its Exif segment, mostly.
      damaged[random.nextInt(random.nextBoolean() ? 120 : whole.length)] = (byte) random.nextInt();
      Files.write(
          file,
          random.nextInt(4) > 0 ? damaged : Arrays.copyOf(damaged, random.nextInt(whole.length)));
      try {
        images(file.toString(), resize(8, 8)).images();
      } catch (DlacException e) {
        assertThat(e).hasMessageContaining("x.jpg");
      }
    }
  }

  @Test
  void aTrainedNetworkTakesThemAndTheSimulatorRunsThem() {
    Trained lenet = trained("lenet5");
    ImageFiles files = images(fixture("photo.png"), resize(28, 28), grey());
    Trained other = lenet.withImages(files.images(), List.of());
    assertThat(simulate(other, grid("g", pes(2, 4))).samples()).hasSize(1);
    assertRefused(
        () -> lenet.withImages(images(fixture("photo.png"), resize(28, 28)).images(), List.of()),
        "3x28x28");
  }
}
