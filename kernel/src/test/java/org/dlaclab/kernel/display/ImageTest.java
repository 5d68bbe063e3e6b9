package org.dlaclab.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTest {
  private final Displays displays = new Displays();

  private static BufferedImage drawn(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    image.setRGB(width / 2, height / 2, 0xff336699);
    return image;
  }

  @Test
  void aDrawnPictureShowsAsPngPixelForPixel() throws IOException {
    BufferedImage image = drawn(64, 48, BufferedImage.TYPE_INT_ARGB);
    Bundle bundle = displays.bundle(image);
    assertThat(bundle.data()).containsEntry("text/plain", "BufferedImage 64 x 48");
    assertThat(bundle.metadata()).containsEntry("image/png", Map.of("width", 64, "height", 48));
    byte[] png = Base64.getDecoder().decode((String) bundle.data().get("image/png"));
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(read.getRGB(0, 0, 64, 48, null, 0, 64))
        .isEqualTo(image.getRGB(0, 0, 64, 48, null, 0, 64));
  }

  @Test
  void everyKindOfPixelsShows() throws IOException {
    for (int type = BufferedImage.TYPE_INT_RGB; type <= BufferedImage.TYPE_BYTE_INDEXED; type++) {
      BufferedImage image = drawn(5, 4, type);
      byte[] png =
          Base64.getDecoder().decode((String) displays.bundle(image).data().get("image/png"));
      assertThat(ImageIO.read(new ByteArrayInputStream(png)).getRGB(2, 2))
          .as("type " + type)
          .isEqualTo(image.getRGB(2, 2));
    }
  }

  @Test
  void aBigPictureIsShownSmallerButStoredWhole() throws IOException {
    Bundle bundle = displays.bundle(drawn(3000, 1500, BufferedImage.TYPE_INT_RGB));
    assertThat(bundle.metadata()).containsEntry("image/png", Map.of("width", 1000, "height", 500));
    byte[] png = Base64.getDecoder().decode((String) bundle.data().get("image/png"));
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(3000);
  }

  @Test
  void storedPicturesShowByteForByte(@TempDir Path folder) throws IOException {
    for (String format : List.of("png", "jpeg", "gif")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(drawn(20, 10, BufferedImage.TYPE_INT_RGB), format, out);
      Path file = Files.write(folder.resolve("x." + format), out.toByteArray());
      for (Image image :
          List.of(
              Image.read(file), Image.read(file.toUri().toURL()), Image.of(out.toByteArray()))) {
        Bundle bundle = displays.bundle(image);
        String type = "image/" + format;
        assertThat(Base64.getDecoder().decode((String) bundle.data().get(type)))
            .isEqualTo(out.toByteArray());
        assertThat(bundle.metadata()).containsEntry(type, Map.of("width", 20, "height", 10));
        assertThat((String) bundle.data().get("text/plain")).endsWith(" image 20 x 10");
      }
    }
  }

  @Test
  void whatIsNoPictureIsRefused(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing.png");
    assertThatThrownBy(() -> Image.read(missing))
        .hasMessage("There is no file " + missing + ": expected a PNG, JPEG or GIF picture");
    Path text = Files.writeString(folder.resolve("text.png"), "hello");
    assertThatThrownBy(() -> Image.read(text))
        .hasMessage(text + " holds no PNG, JPEG or GIF picture (5 bytes)");
    assertThatThrownBy(() -> Image.of("<svg/>".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("svg(");
    assertThatThrownBy(() -> Image.of(new byte[0])).hasMessageContaining("0 bytes");
  }

  @Test
  void aDamagedPictureStillShowsWithoutItsSize() {
    byte[] damaged = "\u0089PNG\r\n\u001a\nbroken".getBytes(StandardCharsets.ISO_8859_1);
    Bundle bundle = displays.bundle(Image.of(damaged));
    assertThat(bundle.data()).containsKey("image/png").containsEntry("text/plain", "PNG image");
    assertThat(bundle.metadata()).isEmpty();
  }
}
