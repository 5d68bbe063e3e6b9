package org.dlaclab.plot;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** The static picture of a chart: its drawing as SVG or as pixels. */
final class Picture {
  /** The fonts of the reader's system; also for the interactive chart. */
  static final String FONTS =
      "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans',"
          + " sans-serif";

  /** Pixels per unit of the picture: sharp on the dense screens of today. */
  static final int SCALE = 2;

  private Picture() {}

  static String svg(Chart chart) {
    return svg(Drawing.of(chart), chart.title());
  }

  static String svg(Drawing drawing, String title) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg(drawing, title, false);
  }

  static String inline(Chart chart) {
    return inline(Drawing.of(chart), chart.title());
  }

  /** The SVG element alone, which shrinks to the column it stands in. */
  static String inline(Drawing drawing, String title) {
    return svg(drawing, title, true);
  }

  private static String svg(Drawing drawing, String title, boolean inline) {
    String width = String.valueOf((int) drawing.width());
    String height = String.valueOf((int) drawing.height());
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter out = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      out.writeStartElement("svg");
      out.writeDefaultNamespace("http://www.w3.org/2000/svg");
      out.writeAttribute("width", width);
      out.writeAttribute("height", height);
      out.writeAttribute("viewBox", "0 0 " + width + " " + height);
      out.writeAttribute("role", "img");
      out.writeAttribute("aria-label", Canvas.Svg.printable(title));
      out.writeAttribute("font-family", FONTS);
      if (inline) {
        out.writeAttribute("style", "max-width:100%;height:auto;border-radius:6px");
      }
      paint(drawing, new Canvas.Svg(out));
      out.writeEndElement();
      out.writeEndDocument();
      out.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return text + "\n";
  }

  static BufferedImage image(Chart chart) {
    return image(Drawing.of(chart));
  }

  static BufferedImage image(Drawing drawing) {
    int width = (int) (drawing.width() * SCALE);
    int height = (int) (drawing.height() * SCALE);
    return Png.draw(
        () -> {
          BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
          Graphics2D graphics = image.createGraphics();
          graphics.scale(SCALE, SCALE);
          paint(drawing, new Canvas.Pixels(graphics));
          graphics.dispose();
          return image;
        });
  }

  private static void paint(Drawing drawing, Canvas canvas) {
    canvas.fill(0, 0, drawing.width(), drawing.height(), Drawing.PAPER);
    drawing.paint(canvas);
  }
}
