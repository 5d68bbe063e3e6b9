package org.dlaclab.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where and how the kernel is to be reached: what the connection file says.
 *
 * @param transport {@code tcp}
 * @param ip the address to bind to, and no other
 * @param signatureScheme how messages are signed, such as {@code hmac-sha256}
 * @param key what they are signed with; empty for none
 */
public record Connection(
    String transport,
    String ip,
    int shellPort,
    int controlPort,
    int stdinPort,
    int iopubPort,
    int heartbeatPort,
    String signatureScheme,
    String key) {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

  /** Refuses what can not be bound, and an unsigned connection that other machines could reach. */
  public Connection {
    if (transport.equals("ipc")) {
      throw new ConnectionException(
          "The transport \"ipc\" is not supported: ZeroMQ for Java has no Unix sockets."
              + " Use \"tcp\" with the ip 127.0.0.1.");
    }
    if (!transport.equals("tcp")) {
      throw new ConnectionException("The transport is \"" + transport + "\"; expected \"tcp\".");
    }
    if (ip.isBlank()) {
      throw new ConnectionException("The ip is empty; expected an address, such as 127.0.0.1.");
    }
    Map<Integer, String> fields = new LinkedHashMap<>();
    unique(fields, "shell_port", shellPort);
    unique(fields, "control_port", controlPort);
    unique(fields, "stdin_port", stdinPort);
    unique(fields, "iopub_port", iopubPort);
    unique(fields, "hb_port", heartbeatPort);
    if (key.isEmpty() && !LOOPBACK.matcher(ip).matches()) {
      throw new ConnectionException(
          "The key is empty and the ip is "
              + ip
              + ": anyone who reaches it could run code. Give a key, or use the ip 127.0.0.1.");
    }
  }

  private static void unique(Map<Integer, String> fields, String field, int port) {
    if (port < 1 || port > 65535) {
      throw new ConnectionException(field + " is " + port + "; expected a port from 1 to 65535.");
    }
    String other = fields.put(port, field);
    if (other != null) {
      throw new ConnectionException(
          other + " and " + field + " are both " + port + "; each needs a port of its own.");
    }
  }

  /**
   * Reads a connection file.
   *
   * @throws ConnectionException if it can not be read or says something that can not be done; the
   *     message names the file and the field
   */
  public static Connection read(Path file) {
    JsonObject fields;
    try {
      fields = Json.read(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new ConnectionException(
          "There is no connection file " + file + ". Jupyter writes it before it starts a kernel.",
          e);
    } catch (IOException e) {
      throw new ConnectionException(
          "The connection file " + file + " can not be read: " + e.getMessage(), e);
    } catch (JsonParseException e) {
      throw new ConnectionException(
          "The connection file " + file + " is not a JSON object: " + e.getMessage(), e);
    }
    try {
      return new Connection(
          text(fields, "transport", "tcp"),
          text(fields, "ip", null),
          port(fields, "shell_port"),
          port(fields, "control_port"),
          port(fields, "stdin_port"),
          port(fields, "iopub_port"),
          port(fields, "hb_port"),
          text(fields, "signature_scheme", "hmac-sha256"),
          text(fields, "key", ""));
    } catch (ConnectionException e) {
      throw new ConnectionException("The connection file " + file + ": " + e.getMessage(), e);
    }
  }

  private static String text(JsonObject fields, String name, @Nullable String otherwise) {
    JsonElement value = fields.get(name);
    if (value == null || value.isJsonNull()) {
      if (otherwise == null) {
        throw new ConnectionException("The field " + name + " is missing; expected a text.");
      }
      return otherwise;
    }
    if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      throw new ConnectionException("The field " + name + " is " + value + "; expected a text.");
    }
    return value.getAsString();
  }

  private static int port(JsonObject fields, String name) {
    JsonElement value = fields.get(name);
    if (value == null || value.isJsonNull()) {
      throw new ConnectionException("The field " + name + " is missing; expected a port.");
    }
    try {
      return Integer.parseInt(value.toString());
    } catch (NumberFormatException e) {
      throw new ConnectionException(
          "The field " + name + " is " + value + "; expected a port from 1 to 65535.", e);
    }
  }

  /** What a connection file says, the key included: only the user should be able to read it. */
  public String json() {
    JsonObject json = new JsonObject();
    json.addProperty("transport", transport);
    json.addProperty("ip", ip);
    json.addProperty("shell_port", shellPort);
    json.addProperty("control_port", controlPort);
    json.addProperty("stdin_port", stdinPort);
    json.addProperty("iopub_port", iopubPort);
    json.addProperty("hb_port", heartbeatPort);
    json.addProperty("signature_scheme", signatureScheme);
    json.addProperty("key", key);
    return json.toString();
  }

  /** Without the key, so that no log has it. */
  @Override
  public String toString() {
    return "Connection[" + transport + "://" + ip + ", shell " + shellPort + "]";
  }
}
