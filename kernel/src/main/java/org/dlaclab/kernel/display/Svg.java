package org.dlaclab.kernel.display;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * A drawing in SVG. It shows as a picture in HTML, since JupyterLab shows bare SVG only in a
 * trusted notebook.
 *
 * @param source well-formed XML; its name space may be left out
 */
public record Svg(String source) {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";

  /** Checks that a browser can read it. */
  public Svg {
    source = source.strip();
    Root root = root(source);
    if (root.namespace().isEmpty()) {
      int name = source.indexOf("<svg") + 4;
      source = source.substring(0, name) + " xmlns=\"" + NAMESPACE + "\"" + source.substring(name);
    }
  }

  /** As it shows. */
  public Bundle bundle() {
    Root root = root(source);
    String text = root.size().isEmpty() ? "SVG drawing" : "SVG drawing " + root.size();
    String base64 = Base64.getEncoder().encodeToString(source.getBytes(StandardCharsets.UTF_8));
    String picture =
        "<img alt=\""
            + Html.escape(text)
            + "\" style=\"max-width:100%\" src=\"data:image/svg+xml;base64,"
            + base64
            + "\">";
    return Bundle.text(text).with("text/html", picture).with("image/svg+xml", source);
  }

  private record Root(String namespace, String size) {}

  private static Root root(String source) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(source));
      try {
        while (!reader.isStartElement()) {
          reader.next();
        }
        if (!reader.getLocalName().equals("svg")) {
          throw new IllegalArgumentException(
              "svg: the text begins with <"
                  + reader.getLocalName()
                  + ">, expected <svg>; other HTML shows with html(...)");
        }
        String namespace = reader.getNamespaceURI();
        Root root = new Root(namespace == null ? "" : namespace, size(reader));
        while (reader.hasNext()) {
          reader.next();
        }
        return root;
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      throw new IllegalArgumentException(
          "svg: line "
              + e.getLocation().getLineNumber()
              + ", column "
              + e.getLocation().getColumnNumber()
              + " is no well-formed XML: "
              + reason(e));
    }
  }

  /** The parser's message without its first line, which repeats where. */
  private static String reason(XMLStreamException e) {
    String message = String.valueOf(e.getMessage());
    int reason = message.indexOf("Message: ");
    return reason < 0 ? message : message.substring(reason + "Message: ".length());
  }

  private static String size(XMLStreamReader svg) {
    String width = svg.getAttributeValue(null, "width");
    String height = svg.getAttributeValue(null, "height");
    if (width != null && height != null) {
      return width.replace("px", "") + " x " + height.replace("px", "");
    }
    String box = svg.getAttributeValue(null, "viewBox");
    String[] numbers = box == null ? new String[0] : box.strip().split("[\\s,]+");
    return numbers.length == 4 ? numbers[2] + " x " + numbers[3] : "";
  }
}
