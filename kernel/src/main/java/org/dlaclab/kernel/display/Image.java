package org.dlaclab.kernel.display;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** A picture as it is stored: PNG, JPEG or GIF. */
public final class Image {
  /** A wider picture is shown at this width; a notebook's column is about as wide. */
  private static final int WIDEST = 1000;

  private final String type;
  private final byte[] bytes;
  private final int width;
  private final int height;

  private Image(String type, byte[] bytes, int width, int height) {
    this.type = type;
    this.bytes = bytes;
    this.width = width;
    this.height = height;
  }

  /** The picture in a file. */
  public static Image read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "There is no file " + file.toAbsolutePath() + ": expected a PNG, JPEG or GIF picture");
    }
    try {
      return of(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("The picture " + file + " could not be read", e);
    }
  }

  /** The picture at an address, read now. */
  public static Image read(URL address) {
    try (InputStream in = address.openStream()) {
      return of(in.readAllBytes(), address.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("The picture " + address + " could not be read", e);
    }
  }

  /** The picture in these bytes. */
  public static Image of(byte[] bytes) {
    return of(bytes.clone(), "image");
  }

  private static Image of(byte[] bytes, String name) {
    String type = type(bytes, name);
    int[] size = size(bytes);
    return new Image(type, bytes, size[0], size[1]);
  }

  private static String type(byte[] bytes, String name) {
    String begin =
        new String(Arrays.copyOf(bytes, Math.min(512, bytes.length)), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("\u0089PNG\r\n\u001a\n")) {
      return "image/png";
    }
    if (begin.startsWith("\u00ff\u00d8\u00ff")) {
      return "image/jpeg";
    }
    if (begin.startsWith("GIF8")) {
      return "image/gif";
    }
    if (begin.contains("<svg")) {
      throw new IllegalArgumentException(
          name + " is a drawing in SVG: show it with svg(Files.readString(Path.of(...)))");
    }
    throw new IllegalArgumentException(
        name + " holds no PNG, JPEG or GIF picture (" + bytes.length + " bytes)");
  }

  /** Width and height, 0 if they can not be told. */
  private static int[] size(byte[] bytes) {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        return new int[2];
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in);
        return new int[] {reader.getWidth(0), reader.getHeight(0)};
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return new int[2];
    }
  }

  /** As it shows. */
  public Bundle bundle() {
    return bundle(toString());
  }

  Bundle bundle(String text) {
    Bundle bundle = Bundle.text(text).with(type, Base64.getEncoder().encodeToString(bytes));
    if (width <= 0 || height <= 0) {
      return bundle;
    }
    int shownWidth = Math.min(width, WIDEST);
    int shownHeight = Math.max(1, Math.round((float) height * shownWidth / width));
    return bundle.withMetadata(type, Map.of("width", shownWidth, "height", shownHeight));
  }

  @Override
  public String toString() {
    String kind = type.substring(type.indexOf('/') + 1).toUpperCase(Locale.ROOT);
    return width > 0 ? kind + " image " + width + " x " + height : kind + " image";
  }
}
