package org.dlaclab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.FeatureMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of images by class, written with the encoders of the JDK. */
class ImageFolderTest {
  @TempDir Path folder;

  private static BufferedImage grey(int height, int width, int... samples) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSamples(0, 0, width, height, 0, samples);
    return image;
  }

  private static BufferedImage rgb(int height, int width, int... colours) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, width, height, colours, 0, width);
    return image;
  }

  private void write(String file, BufferedImage image) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    assertThat(ImageIO.write(image, file.substring(file.lastIndexOf('.') + 1), path.toFile()))
        .isTrue();
  }

  private static int[] pixels(Images images, int image) {
    FeatureMap ifm = images.ifm();
    int[] pixels = new int[(int) ifm.size()];
    for (int i = 0; i < pixels.length; i++) {
      int inChannel = i % ifm.pixels();
      pixels[i] =
          images.pixel(image, i / ifm.pixels(), inChannel / ifm.width(), inChannel % ifm.width());
    }
    return pixels;
  }

  @Test
  void readsGreyImagesToTheLastBitInTheOrderOfTheirNames() throws IOException {
    write("train/owl/b.png", grey(2, 3, 0, 1, 127, 128, 254, 255));
    write("train/owl/a.png", grey(2, 3, 9, 8, 7, 6, 5, 4));
    write("train/cat/z.PNG", grey(2, 3, 1, 1, 1, 1, 1, 1));
    write("test/owl/x.png", grey(2, 3, 2, 2, 2, 2, 2, 2));
    Files.write(folder.resolve("train/owl/.hidden"), new byte[1]);
    Dataset data = ImageFolder.read(folder);
    assertThat(data.ifm()).isEqualTo(new FeatureMap(1, 2, 3));
    assertThat(data.classes()).containsExactly("cat", "owl");
    assertThat(data.train().labels()).containsExactly(0, 1, 1);
    assertThat(data.test().labels()).containsExactly(1);
    assertThat(pixels(data.train(), 1)).containsExactly(9, 8, 7, 6, 5, 4);
    assertThat(pixels(data.train(), 2)).containsExactly(0, 1, 127, 128, 254, 255);
    assertThat(pixels(data.test(), 0)).containsOnly(2);
  }

  @Test
  void readsColoursAsThreeChannelsAndGreyImagesAmongThemToo() throws IOException {
    write("train/a/1.png", rgb(1, 2, 0x102030, 0xfffefd));
    write("train/a/2.png", grey(1, 2, 50, 200));
    write("test/a/1.png", rgb(1, 2, 0, 0xff));
    Dataset data = ImageFolder.read(folder);
    assertThat(data.ifm()).isEqualTo(new FeatureMap(3, 1, 2));
    assertThat(pixels(data.train(), 0)).containsExactly(0x10, 0xff, 0x20, 0xfe, 0x30, 0xfd);
    assertThat(pixels(data.train(), 1)).containsExactly(50, 200, 50, 200, 50, 200);
    assertThat(pixels(data.test(), 0)).containsExactly(0, 0, 0, 0, 0, 0xff);
  }

  @Test
  void makesColoursGreyIfAsked() throws IOException {
    write("train/a/1.png", rgb(1, 4, 0xff0000, 0x00ff00, 0x0000ff, 0xc8c8c8));
    write("test/a/1.png", grey(1, 4, 1, 2, 3, 4));
    Dataset data = ImageFolder.read(folder, new ImageFolder.Grey());
    // 255 times 0.299, 0.587 and 0.114; grey stays what it is.
    assertThat(pixels(data.train(), 0)).containsExactly(76, 150, 29, 200);
    assertThat(pixels(data.test(), 0)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void readsPalettesAndSixteenBits() throws IOException {
    BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    bits.getRaster().setSamples(0, 0, 2, 1, 0, new int[] {1, 0});
    write("train/a/bits.png", bits);
    BufferedImage deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSamples(0, 0, 2, 1, 0, new int[] {0x1234, 0xffff});
    write("train/a/deep.png", deep);
    write("test/a/1.png", grey(1, 2, 0, 0));
    Images train = ImageFolder.read(folder).train();
    assertThat(train.ifm().channels()).isEqualTo(1);
    assertThat(pixels(train, 0)).containsExactly(255, 0);
    assertThat(pixels(train, 1)).containsExactly(0x12, 0xff);
  }

  @Test
  void readsJpeg() throws IOException {
    int[] flat = new int[64];
    Arrays.fill(flat, 180);
    write("train/a/1.jpg", grey(8, 8, flat));
    write("test/a/1.jpeg", grey(8, 8, flat));
    Images train = ImageFolder.read(folder).train();
    assertThat(train.ifm()).isEqualTo(new FeatureMap(1, 8, 8));
    assertThat(Arrays.stream(pixels(train, 0)).boxed())
        .allSatisfy(p -> assertThat(p).isCloseTo(180, within(2)));
  }

  @Test
  void resizesAsPilDoes() throws IOException {
    write("train/a/1.png", grey(2, 4, 0, 10, 100, 100, 20, 30, 200, 200));
    write("train/a/2.png", grey(1, 2, 7, 9));
    write("train/a/3.png", grey(1, 3, 0, 90, 240));
    write("test/a/1.png", grey(1, 2, 1, 2));
    Images train = ImageFolder.read(folder, new ImageFolder.Resize(1, 2)).train();
    assertThat(train.ifm()).isEqualTo(new FeatureMap(1, 1, 2));
    // Image.fromarray(...).resize((2, 1), Image.BILINEAR) of Pillow 12.3.0; more in ImageFilesTest.
    assertThat(pixels(train, 0)).containsExactly(35, 132);
    assertThat(pixels(train, 1)).containsExactly(7, 9);
    assertThat(pixels(train, 2)).containsExactly(34, 184);
    Images larger = ImageFolder.read(folder, new ImageFolder.Resize(2, 4)).train();
    assertThat(pixels(larger, 1)).containsExactly(7, 8, 9, 9, 7, 8, 9, 9);
  }

  @Test
  void holdsAShareOutOfAFolderWithoutHalves() throws IOException {
    for (int i = 0; i < 10; i++) {
      write("cat/" + i + ".png", grey(1, 1, i));
      write("dog/" + i + ".png", grey(1, 1, 100 + i));
    }
    Dataset data = ImageFolder.read(folder, new ImageFolder.HeldOut(0.2, 3));
    assertThat(data.train().count()).isEqualTo(16);
    assertThat(data.test().labels()).containsExactly(0, 0, 1, 1);
    assertThat(pixels(data.test(), 3)[0]).isBetween(100, 109);
    assertThat(data).isEqualTo(ImageFolder.read(folder, new ImageFolder.HeldOut(0.2, 3)));
    assertThat(data.provenance())
        .containsEntry("test.images", "a share of 0.2, held out with seed 3")
        .containsEntry("test.sha256", data.test().sha256());
    assertRefused(
        () -> ImageFolder.read(folder), "has no folders train and test", "heldOut(0.2, 1)");
    assertRefused(() -> new ImageFolder.HeldOut(1, 3), "the share held out is 1.0");
    assertRefused(() -> new ImageFolder.HeldOut(20, 3), "write 0.2 for 20 %");
  }

  @Test
  void refusesFoldersThatAreNotAFolderPerClass() throws IOException {
    write("train/a/1.png", grey(1, 1, 0));
    Files.createDirectories(folder.resolve("test"));
    assertRefused(() -> ImageFolder.read(folder), "test is empty");
    write("test/b/1.png", grey(1, 1, 0));
    assertRefused(
        () -> ImageFolder.read(folder), "b is a class that training does not have", "classes a");
    Files.createDirectories(folder.resolve("train/b"));
    assertRefused(() -> ImageFolder.read(folder), "b has no images");
    Files.write(folder.resolve("train/b/notes.txt"), new byte[1]);
    assertRefused(() -> ImageFolder.read(folder), "notes.txt is not an image", ".png, .jpg");
    Files.move(folder.resolve("train/b/notes.txt"), folder.resolve("train/notes.txt"));
    Files.delete(folder.resolve("train/b"));
    assertRefused(() -> ImageFolder.read(folder), "notes.txt is a file among the folders");
    assertRefused(
        () -> ImageFolder.read(folder, new ImageFolder.HeldOut(0.5, 1)),
        "has a folder test, and heldOut(...) is given");
    assertRefused(
        () -> ImageFolder.read(folder.resolve("none"), new ImageFolder.HeldOut(0.5, 1)),
        "none does not exist");
  }

  @Test
  void namesTheImageThatHasAnotherSize() throws IOException {
    write("train/a/1.png", grey(2, 3, 0, 0, 0, 0, 0, 0));
    write("test/a/1.png", grey(3, 2, 0, 0, 0, 0, 0, 0));
    assertRefused(() -> ImageFolder.read(folder), "has 3x2 pixels, and", "2x3", "resize(2, 3)");
  }

  @Test
  void refusesTransparencyInsteadOfGuessingABackground() throws IOException {
    BufferedImage image = new BufferedImage(1, 2, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xff123456);
    image.setRGB(0, 1, 0x80123456);
    write("train/a/1.png", image);
    write("test/a/1.png", grey(2, 1, 0, 0));
    assertRefused(() -> ImageFolder.read(folder), "1.png is transparent at row 1, column 0");
    image.setRGB(0, 1, 0xff000001);
    write("train/a/1.png", image);
    assertThat(pixels(ImageFolder.read(folder).train(), 0))
        .containsExactly(0x12, 0, 0x34, 0, 0x56, 1);
  }

  @Test
  void neverTakesATruncatedFileForAnotherImage() throws IOException {
    for (String type : new String[] {"png", "jpg"}) {
      write("train/a/1." + type, rgb(2, 2, 1, 0xff00ff, 3, 4));
      write("test/a/1." + type, rgb(2, 2, 1, 2, 3, 4));
      int[] pixels = pixels(ImageFolder.read(folder).train(), 0);
      Path file = folder.resolve("train/a/1." + type);
      byte[] whole = Files.readAllBytes(file);
      int refused = 0;
      for (int length = 0; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        try {
          assertThat(pixels(ImageFolder.read(folder).train(), 0)).isEqualTo(pixels);
        } catch (DlacException e) {
          assertRefused(() -> ImageFolder.read(folder), "1." + type, "replace or delete it");
          refused++;
        }
      }
      // A PNG file ends in 20 or so bytes of checksums and marks; without them all pixels are
      // there.
      assertThat(refused).isGreaterThanOrEqualTo(whole.length - 24);
      Files.delete(file);
    }
  }

  @Test
  void refusesASmallFileThatDeclaresALargeImage() throws IOException {
    write("train/a/1.png", grey(1, 1, 0));
    write("test/a/1.png", grey(1, 1, 0));
    Path file = folder.resolve("train/a/1.png");
    byte[] bytes = Files.readAllBytes(file);
    // Width and height, after the signature of 8 bytes and the length and name of the first chunk.
    bytes[17] = 1;
    bytes[21] = 1;
    Files.write(file, bytes);
    assertRefused(() -> ImageFolder.read(folder), "1.png");
  }
}
