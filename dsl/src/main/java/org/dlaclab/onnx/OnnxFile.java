package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/**
 * Reads an ONNX file, which nobody has to trust: what it asks for is checked against what it holds
 * before memory is taken for it, and weights in files of their own are read from its folder only.
 */
final class OnnxFile {
  private OnnxFile() {}

  /** The model in {@code file}, with the data of its external files. */
  static ModelProto read(Path file) {
    String name = file.toString();
    try {
      if (Files.isDirectory(file)) {
        throw new DlacException(
            name + " is a folder", "an ONNX file", "name the file in it that ends in .onnx");
      }
      long size = Files.size(file);
      Check.fitsArray(name, (double) size);
      Check.fitsHeap(name, 1.5 * size);
      byte[] bytes = Files.readAllBytes(file);
      return withData(file, parse(name, bytes));
    } catch (IOException e) {
      throw DlacException.unreadable(name, "an ONNX file", e);
    }
  }

  /** The model in {@code bytes}, which must not change any more: weights are not copied. */
  static ModelProto parse(String name, byte[] bytes) {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    in.enableAliasing(true);
    try {
      ModelProto model = ModelProto.parseFrom(in);
      if (model.hasGraph() && model.getGraph().getNodeCount() > 0) {
        return model;
      }
      throw new DlacException(
          name + " holds no graph", "an ONNX file with a network", "check the path");
    } catch (InvalidProtocolBufferException e) {
      throw new DlacException(
          name + " is no ONNX file, or damaged: " + e.getMessage(),
          "an ONNX file",
          "export it again; a network of PyTorch: torch.onnx.export(model, images, \"model.onnx\")",
          e);
    } catch (IOException e) {
      throw DlacException.unreadable(name, "an ONNX file", e);
    }
  }

  private static ModelProto withData(Path file, ModelProto model) throws IOException {
    GraphProto graph = model.getGraph();
    if (graph.getInitializerList().stream().noneMatch(OnnxFile::isExternal)) {
      return model;
    }
    Path folder = file.toAbsolutePath().normalize().toRealPath().getParent();
    GraphProto.Builder filled = graph.toBuilder().clearInitializer();
    for (TensorProto tensor : graph.getInitializerList()) {
      filled.addInitializer(
          isExternal(tensor)
              ? external(file, java.util.Objects.requireNonNull(folder), tensor)
              : tensor);
    }
    return model.toBuilder().setGraph(filled).build();
  }

  static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0;
  }

  private static TensorProto external(Path file, Path folder, TensorProto tensor)
      throws IOException {
    String what = "weights \"" + Names.shown(tensor.getName()) + "\" of " + file.getFileName();
    Map<String, String> where = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      where.put(entry.getKey(), entry.getValue());
    }
    String location = where.getOrDefault("location", "");
    Path data = inside(what, folder, location);
    long size = Files.size(data);
    long offset = number(what, where.getOrDefault("offset", "0"));
    long length = where.containsKey("length") ? number(what, where.get("length")) : size - offset;
    double expected = Elements.width(tensor.getDataType());
    for (long dim : tensor.getDimsList()) {
      expected *= Math.max(0, dim);
    }
    if (offset > size || length > size - offset || length != expected || !(expected > 0)) {
      throw new DlacException(
          what
              + " of shape "
              + tensor.getDimsList()
              + " should be "
              + length
              + " bytes from "
              + offset
              + " of "
              + Names.shown(location)
              + ", which has "
              + size,
          "as many bytes as the shape says, inside of the file",
          "copy the model's files again, all of them");
    }
    Check.fitsArray(what, (double) length);
    Check.fitsHeap(what, (double) length);
    byte[] bytes = new byte[(int) length];
    try (SeekableByteChannel channel = Files.newByteChannel(data)) {
      channel.position(offset);
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // goes on where it stopped
      }
    }
    return tensor.toBuilder()
        .clearExternalData()
        .clearDataLocation()
        .setRawData(UnsafeByteOperations.unsafeWrap(bytes))
        .build();
  }

  private static long number(String what, String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // as a negative one
    }
    throw new DlacException(
        what + " begin or end at \"" + Names.shown(text) + "\" of their file",
        "a number of bytes",
        "export the model again: the file is damaged");
  }

  /** A file that lies in the model's folder, links followed. */
  private static Path inside(String what, Path folder, String location) throws IOException {
    try {
      Path relative = Path.of(location);
      Path path = folder.resolve(relative).normalize();
      if (!location.isBlank()
          && !relative.isAbsolute()
          && path.startsWith(folder)
          && !path.equals(folder)) {
        if (!Files.isRegularFile(path)) {
          throw new DlacException(
              what + " are in " + Names.shown(location) + ", which is not there",
              "a file beside the model",
              "copy the model's files, all of them, into one folder");
        }
        if (path.toRealPath().startsWith(folder)) {
          return path.toRealPath();
        }
      }
    } catch (InvalidPathException e) {
      // as one that leads elsewhere
    }
    throw new DlacException(
        what + " are in \"" + Names.shown(location) + "\"",
        "a file in the model's folder: nothing else is read",
        "put the file beside the model and save the model with that location");
  }
}
