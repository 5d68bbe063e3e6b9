package org.dlaclab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.function.Consumer;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** What a picture is painted on. Lengths are in units of the picture, y grows downwards. */
sealed interface Canvas permits Canvas.Svg, Canvas.Pixels {

  /** Which point of a text lies at its place. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** A font: only size and weight vary. */
  record TextStyle(double size, boolean bold) {}

  void fill(double x, double y, double width, double height, Color color);

  void line(double x1, double y1, double x2, double y2, Color color, double width, boolean dashed);

  /** A line through points, of x and y by turns. */
  void path(double[] points, Color color, double width);

  /** An area within points, of x and y by turns; {@code opacity} from 0 to 1. */
  void area(double[] points, Color color, double opacity);

  /** Paints with the origin at another place. */
  void at(double x, double y, Consumer<Canvas> painter);

  /** A text, turned counter-clockwise by {@code angle} degrees around its anchor. */
  void text(
      double x, double y, Anchor anchor, double angle, TextStyle type, Color color, String text);

  /** What a reader sees when pointing there, where the medium can show it. */
  void tip(double x, double y, double width, double height, String text);

  /** Texts stay texts, aligned by the viewer with the fonts it has. */
  record Svg(XMLStreamWriter out) implements Canvas {

    @Override
    public void fill(double x, double y, double width, double height, Color color) {
      write(() -> rect(x, y, width, height, hex(color)));
    }

    @Override
    public void line(
        double x1, double y1, double x2, double y2, Color color, double width, boolean dashed) {
      write(
          () -> {
            out.writeEmptyElement("line");
            attribute("x1", x1);
            attribute("y1", y1);
            attribute("x2", x2);
            attribute("y2", y2);
            out.writeAttribute("stroke", hex(color));
            attribute("stroke-width", width);
            if (dashed) {
              out.writeAttribute("stroke-dasharray", "5 4");
            }
          });
    }

    @Override
    public void path(double[] points, Color color, double width) {
      write(
          () -> {
            out.writeEmptyElement("polyline");
            out.writeAttribute("points", points(points));
            out.writeAttribute("fill", "none");
            out.writeAttribute("stroke", hex(color));
            attribute("stroke-width", width);
            out.writeAttribute("stroke-linejoin", "round");
            out.writeAttribute("stroke-linecap", "round");
          });
    }

    @Override
    public void area(double[] points, Color color, double opacity) {
      write(
          () -> {
            out.writeEmptyElement("polygon");
            out.writeAttribute("points", points(points));
            out.writeAttribute("fill", hex(color));
            if (opacity < 1) {
              attribute("fill-opacity", opacity);
            }
          });
    }

    private static String points(double[] points) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < points.length; i++) {
        text.append(i == 0 ? "" : i % 2 == 0 ? " " : ",").append(number(points[i]));
      }
      return text.toString();
    }

    @Override
    public void at(double x, double y, Consumer<Canvas> painter) {
      write(
          () -> {
            out.writeStartElement("g");
            out.writeAttribute("transform", "translate(" + number(x) + " " + number(y) + ")");
            painter.accept(this);
            out.writeEndElement();
          });
    }

    @Override
    public void text(
        double x, double y, Anchor anchor, double angle, TextStyle type, Color color, String text) {
      write(
          () -> {
            out.writeStartElement("text");
            if (angle == 0) {
              attribute("x", x);
              attribute("y", y);
            } else {
              out.writeAttribute(
                  "transform",
                  "translate(" + number(x) + " " + number(y) + ") rotate(" + number(-angle) + ")");
            }
            if (anchor != Anchor.START) {
              out.writeAttribute("text-anchor", anchor == Anchor.END ? "end" : "middle");
            }
            attribute("font-size", type.size());
            if (type.bold()) {
              out.writeAttribute("font-weight", "600");
            }
            out.writeAttribute("fill", hex(color));
            out.writeCharacters(printable(text));
            out.writeEndElement();
          });
    }

    @Override
    public void tip(double x, double y, double width, double height, String text) {
      write(
          () -> {
            out.writeStartElement("rect");
            box(x, y, width, height);
            out.writeAttribute("fill-opacity", "0");
            out.writeStartElement("title");
            out.writeCharacters(printable(text));
            out.writeEndElement();
            out.writeEndElement();
          });
    }

    private void rect(double x, double y, double width, double height, String fill)
        throws XMLStreamException {
      out.writeEmptyElement("rect");
      box(x, y, width, height);
      out.writeAttribute("fill", fill);
    }

    private void box(double x, double y, double width, double height) throws XMLStreamException {
      attribute("x", x);
      attribute("y", y);
      attribute("width", width);
      attribute("height", height);
    }

    private void attribute(String name, double value) throws XMLStreamException {
      out.writeAttribute(name, number(value));
    }

    /** XML has no place for control characters. */
    static String printable(String text) {
      return text.replaceAll("[\\p{Cntrl}&&[^\\n]]|[\\uFFFE\\uFFFF]", " ");
    }

    private static String number(double value) {
      return BigDecimal.valueOf(value)
          .setScale(2, RoundingMode.HALF_UP)
          .stripTrailingZeros()
          .toPlainString();
    }

    private static String hex(Color color) {
      return String.format("#%06x", color.getRGB() & 0xFFFFFF);
    }

    /** A step of writing; into memory, where nothing fails. */
    private interface Step {
      void run() throws XMLStreamException;
    }

    private static void write(Step step) {
      try {
        step.run();
      } catch (XMLStreamException e) {
        throw new IllegalStateException("writing to memory", e);
      }
    }
  }

  /** A picture in memory; needs no screen. */
  record Pixels(Graphics2D graphics) implements Canvas {
    public Pixels {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    }

    @Override
    public void fill(double x, double y, double width, double height, Color color) {
      graphics.setColor(color);
      graphics.fill(new Rectangle2D.Double(x, y, width, height));
    }

    @Override
    public void line(
        double x1, double y1, double x2, double y2, Color color, double width, boolean dashed) {
      graphics.setColor(color);
      float[] dashes = dashed ? new float[] {5, 4} : null;
      graphics.setStroke(
          new BasicStroke(
              (float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, dashes, 0));
      graphics.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    @Override
    public void path(double[] points, Color color, double width) {
      graphics.setColor(color);
      graphics.setStroke(
          new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      graphics.draw(shape(points));
    }

    @Override
    public void area(double[] points, Color color, double opacity) {
      graphics.setColor(
          new Color(
              color.getRed(), color.getGreen(), color.getBlue(), (int) Math.round(255 * opacity)));
      Path2D shape = shape(points);
      shape.closePath();
      graphics.fill(shape);
    }

    private static Path2D shape(double[] points) {
      Path2D shape = new Path2D.Double();
      shape.moveTo(points[0], points[1]);
      for (int i = 2; i < points.length; i += 2) {
        shape.lineTo(points[i], points[i + 1]);
      }
      return shape;
    }

    @Override
    public void at(double x, double y, Consumer<Canvas> painter) {
      graphics.translate(x, y);
      painter.accept(this);
      graphics.translate(-x, -y);
    }

    @Override
    public void text(
        double x, double y, Anchor anchor, double angle, TextStyle type, Color color, String text) {
      Font font =
          new Font(Font.SANS_SERIF, type.bold() ? Font.BOLD : Font.PLAIN, 1)
              .deriveFont((float) type.size());
      graphics.setFont(font);
      graphics.setColor(color);
      double width = font.getStringBounds(text, graphics.getFontRenderContext()).getWidth();
      double shift =
          switch (anchor) {
            case START -> 0;
            case MIDDLE -> -width / 2;
            case END -> -width;
          };
      AffineTransform before = graphics.getTransform();
      graphics.translate(x, y);
      graphics.rotate(-Math.toRadians(angle));
      graphics.drawString(text, (float) shift, 0f);
      graphics.setTransform(before);
    }

    @Override
    public void tip(double x, double y, double width, double height, String text) {
      // Pixels have no tips.
    }
  }
}
