package org.dlaclab.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every value of a graph before it runs, for one size of its input: shapes are
 * inferred, and what does not depend on the images is computed. Sizes being given, the many
 * operators by which exporters compute the shape of a reshape are constants.
 */
final class Values {
  private static final Set<String> SAME_SHAPE =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Clip",
          "Elu",
          "Selu",
          "Celu",
          "Gelu",
          "Mish",
          "Softplus",
          "Softsign",
          "ThresholdedRelu",
          "Swish",
          "Softmax",
          "LogSoftmax",
          "Hardmax",
          "LRN",
          "BatchNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "GroupNormalization",
          "LpNormalization",
          "Identity",
          "Dropout",
          "Neg",
          "Abs",
          "Sqrt",
          "Reciprocal",
          "Exp",
          "Log",
          "Erf",
          "Floor",
          "Ceil",
          "Round",
          "Sign",
          "Sin",
          "Cos",
          "QuantizeLinear",
          "DequantizeLinear",
          "Cast",
          "Not",
          "CumSum",
          "Trilu");

  private static final Set<String> BROADCAST =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Min",
          "Max",
          "Sum",
          "Mean",
          "Mod",
          "Where",
          "Equal",
          "Greater",
          "Less",
          "GreaterOrEqual",
          "LessOrEqual",
          "And",
          "Or",
          "Xor");

  private static final Set<String> TRUTH =
      Set.of(
          "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Not");

  private final long opset;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, ValueInfoProto> declared = new HashMap<>();

  /** The values of {@code graph} for images of these extents, batch first. */
  Values(Graph graph, long[] images) {
    this.opset = graph.opset();
    graph.declared().forEach(info -> declared.put(info.getName(), info));
    for (TensorProto tensor : graph.initializers()) {
      values.put(
          tensor.getName(), constant("tensor \"" + Names.shown(tensor.getName()) + "\"", tensor));
    }
    values.put(graph.input(), Value.ofImages(DataType.FLOAT_VALUE, images));
    for (NodeProto node : graph.nodes()) {
      infer(node);
    }
  }

  /** The value of this name; one that is left out counts as unknown. */
  Value get(String name) {
    Value value = values.get(name);
    return value == null ? Value.unknown(0, false, "it is left out") : value;
  }

  /** Input {@code index} of {@code node}, or null if it is left out. */
  @Nullable Value input(NodeProto node, int index) {
    return index < node.getInputCount() && !node.getInput(index).isEmpty()
        ? get(node.getInput(index))
        : null;
  }

  /** The elements of a small constant input; null if it is left out or no constant. */
  long @Nullable [] integers(NodeProto node, int index) {
    Value value = input(node, index);
    if (value == null || !value.isConstant() || value.size() > 4096) {
      return null;
    }
    long[] found = new long[value.elements().size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = value.elements().whole(i);
    }
    return found;
  }

  private static Value constant(String what, TensorProto tensor) {
    if (OnnxFile.isExternal(tensor)) {
      throw new DlacException(
          what + " is in a file of its own",
          "data in the model's file; weights may be external, other constants not",
          "save the model in one file");
    }
    long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    int type = tensor.getDataType();
    if (!Elements.readable(type)) {
      return Value.shaped(type, false, dims);
    }
    long size = Value.shaped(type, false, dims).size();
    return Value.constant(type, dims, () -> Elements.read(what, tensor, size));
  }

  private void infer(NodeProto node) {
    List<Value> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (!input.isEmpty()) {
        inputs.add(get(input));
      }
    }
    boolean fromImages = inputs.stream().anyMatch(Value::fromImages);
    int type = 0;
    List<Value> results = List.of();
    String why = "its shape is not known for " + Names.shown(node.getOpType());
    try {
      type = type(node);
      if (standard(node)) {
        results = results(node, type, fromImages);
      }
    } catch (IndexOutOfBoundsException | IllegalStateException | ArithmeticException e) {
      // Inputs that do not fit each other, of which the engine has more to say.
      why = "its inputs do not fit each other or have unknown shapes";
    }
    for (int i = 0; i < node.getOutputCount(); i++) {
      String name = node.getOutput(i);
      if (!name.isEmpty()) {
        Value found = i < results.size() ? results.get(i) : Value.unknown(type, fromImages, why);
        values.put(name, found.isShaped() ? found : declared(name, type, fromImages, why));
      }
    }
  }

  /** What the file says of a value whose shape does not follow from its operator. */
  private Value declared(String name, int type, boolean fromImages, String why) {
    ValueInfoProto info = declared.get(name);
    if (info == null
        || !info.getType().hasTensorType()
        || !info.getType().getTensorType().hasShape()) {
      return Value.unknown(type, fromImages, why);
    }
    var shape = info.getType().getTensorType().getShape();
    long[] dims = new long[shape.getDimCount()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.getDim(i).getDimValue();
      if (dims[i] <= 0) {
        return Value.unknown(type, fromImages, why);
      }
    }
    return Value.shaped(info.getType().getTensorType().getElemType(), fromImages, dims);
  }

  static boolean standard(NodeProto node) {
    return node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
  }

  private int type(NodeProto node) {
    String op = node.getOpType();
    if (TRUTH.contains(op)) {
      return DataType.BOOL_VALUE;
    }
    return switch (op) {
      case "Shape", "Size", "ArgMax", "ArgMin", "NonZero" -> DataType.INT64_VALUE;
      case "Cast" -> (int) Attributes.integer(node, "to", 0);
      case "QuantizeLinear" -> {
        Value zero = input(node, 2);
        yield zero == null ? DataType.UINT8_VALUE : zero.type();
      }
      case "DequantizeLinear", "Where" -> get(node.getInput(1)).type();
      default -> node.getInputCount() == 0 ? 0 : get(node.getInput(0)).type();
    };
  }

  private List<Value> results(NodeProto node, int type, boolean fromImages) {
    String op = node.getOpType();
    if (BROADCAST.contains(op)) {
      return List.of(broadcast(node, type, fromImages));
    }
    if (SAME_SHAPE.contains(op)) {
      return List.of(same(node, type, fromImages));
    }
    return switch (op) {
      case "Constant" -> List.of(constant(node));
      case "ConstantOfShape" -> List.of(filled(node));
      case "Shape" -> List.of(shape(node));
      case "Size" -> List.of(integers(new long[0], get(node.getInput(0)).size()));
      case "Reshape" -> List.of(reshape(node, fromImages));
      case "Flatten" -> {
        long[] dims = get(node.getInput(0)).dims();
        long given = Attributes.integer(node, "axis", 1);
        int axis = axis(given < 0 ? given + dims.length : given, dims.length + 1);
        yield List.of(
            reshaped(node, fromImages, product(dims, 0, axis), product(dims, axis, dims.length)));
      }
      case "Squeeze", "Unsqueeze" -> List.of(squeeze(node, fromImages));
      case "Transpose" -> List.of(transpose(node, type, fromImages));
      case "Concat" -> List.of(concat(node, type, fromImages));
      case "Slice" -> List.of(slice(node, type, fromImages));
      case "Gather" -> List.of(gather(node, type, fromImages));
      case "Split" -> split(node, type, fromImages);
      case "Range" -> List.of(range(node, type));
      case "Conv" -> List.of(conv(node, type, fromImages));
      case "ConvTranspose" -> List.of(convTranspose(node, type, fromImages));
      case "MaxPool", "AveragePool", "LpPool" -> {
        long[] dims = get(node.getInput(0)).dims();
        yield List.of(
            Value.shaped(type, fromImages, windows(node, dims, dims[1], kernel(node, dims, null))));
      }
      case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool" -> {
        long[] dims = get(node.getInput(0)).dims().clone();
        Arrays.fill(dims, 2, dims.length, 1);
        yield List.of(Value.shaped(type, fromImages, dims));
      }
      case "Gemm" -> {
        long[] a = get(node.getInput(0)).dims();
        long[] b = get(node.getInput(1)).dims();
        int m = Attributes.integer(node, "transA", 0) == 0 ? 0 : 1;
        int n = Attributes.integer(node, "transB", 0) == 0 ? 1 : 0;
        require(a.length == 2 && b.length == 2 && a[1 - m] == b[1 - n]);
        yield List.of(Value.shaped(type, fromImages, a[m], b[n]));
      }
      case "MatMul" -> List.of(matMul(node, type, fromImages));
      case "Pad" -> List.of(padded(node, type, fromImages));
      case "Expand" -> {
        long[] to = required(integers(node, 1));
        yield List.of(Value.shaped(type, fromImages, broadcast(get(node.getInput(0)).dims(), to)));
      }
      case "Tile" -> {
        long[] dims = get(node.getInput(0)).dims().clone();
        long[] by = required(integers(node, 1));
        for (int i = 0; i < dims.length; i++) {
          dims[i] = Math.multiplyExact(dims[i], by[i]);
        }
        yield List.of(Value.shaped(type, fromImages, dims));
      }
      case "Resize", "Upsample" -> List.of(resize(node, type, fromImages));
      case "DepthToSpace" -> {
        long b = Attributes.integer(node, "blocksize", 1);
        long[] d = get(node.getInput(0)).dims();
        require(d[1] % (b * b) == 0);
        yield List.of(Value.shaped(type, fromImages, d[0], d[1] / (b * b), d[2] * b, d[3] * b));
      }
      case "SpaceToDepth" -> {
        long b = Attributes.integer(node, "blocksize", 1);
        long[] d = get(node.getInput(0)).dims();
        require(d[2] % b == 0 && d[3] % b == 0);
        yield List.of(Value.shaped(type, fromImages, d[0], d[1] * b * b, d[2] / b, d[3] / b));
      }
      case "ArgMax", "ArgMin" ->
          List.of(
              reduced(node, type, fromImages, new long[] {Attributes.integer(node, "axis", 0)}));
      default -> {
        if (op.startsWith("Reduce")) {
          long[] axes = Attributes.integers(node, "axes");
          long[] given = integers(node, 1);
          yield List.of(reduced(node, type, fromImages, given == null ? axes : given));
        }
        yield List.of();
      }
    };
  }

  // --- constants
  // -------------------------------------------------------------------------------------------------

  private static Value integers(long[] dims, long... elements) {
    return Value.constant(DataType.INT64_VALUE, dims, () -> Elements.of(elements));
  }

  private static Value constant(NodeProto node) {
    TensorProto tensor = Attributes.tensor(node, "value");
    if (tensor != null) {
      return constant("the constant of " + Names.of(node), tensor);
    }
    if (Attributes.has(node, "value_int")) {
      return integers(new long[0], Attributes.integer(node, "value_int", 0));
    }
    if (Attributes.has(node, "value_ints")) {
      long[] found = Attributes.integers(node, "value_ints");
      return integers(new long[] {found.length}, found);
    }
    if (Attributes.has(node, "value_float")) {
      float found = Attributes.number(node, "value_float", 0);
      return Value.constant(DataType.FLOAT_VALUE, new long[0], () -> Elements.of(found));
    }
    if (Attributes.has(node, "value_floats")) {
      float[] found = Attributes.numbers(node, "value_floats");
      return Value.constant(
          DataType.FLOAT_VALUE, new long[] {found.length}, () -> Elements.of(found));
    }
    return Value.unknown(0, false, "it is a constant of a kind that is not read");
  }

  private Value filled(NodeProto node) {
    long[] dims = required(integers(node, 0));
    TensorProto tensor = Attributes.tensor(node, "value");
    if (tensor == null) {
      int size = (int) Value.shaped(DataType.FLOAT_VALUE, false, dims).size();
      return Value.constant(DataType.FLOAT_VALUE, dims, () -> fill(size, Elements.of(0f)));
    }
    Value one = constant("the constant of " + Names.of(node), tensor);
    require(one.isConstant() && one.size() == 1);
    int size = (int) Value.shaped(one.type(), false, dims).size();
    return Value.constant(one.type(), dims, () -> fill(size, one.elements()));
  }

  private static Elements fill(int size, Elements one) {
    org.dlaclab.error.Check.fitsHeap("a constant of the graph", 8.0 * size);
    return one.repeated(size);
  }

  private Value shape(NodeProto node) {
    long[] dims = get(node.getInput(0)).dims();
    int start = clamp(Attributes.integer(node, "start", 0), dims.length);
    int end = clamp(Attributes.integer(node, "end", dims.length), dims.length);
    long[] part = Arrays.copyOfRange(dims, start, Math.max(start, end));
    return integers(new long[] {part.length}, part);
  }

  private static int clamp(long index, int length) {
    return (int) Math.max(0, Math.min(length, index < 0 ? index + length : index));
  }

  private Value range(NodeProto node, int type) {
    long[] start = required(integers(node, 0));
    long[] limit = required(integers(node, 1));
    long[] delta = required(integers(node, 2));
    require(!Elements.isFloat(type));
    long step = delta[0];
    require(step != 0);
    long count = Math.max(0, Math.floorDiv(limit[0] - start[0] + step - Long.signum(step), step));
    require(count <= 1 << 20);
    return Value.constant(
        type,
        new long[] {count},
        () ->
            Elements.of(
                IntStream.range(0, (int) count).mapToLong(i -> start[0] + i * step).toArray()));
  }

  private Value same(NodeProto node, int type, boolean fromImages) {
    Value x = get(node.getInput(0));
    String op = node.getOpType();
    if (x.isConstant()) {
      switch (op) {
        case "Identity" -> {
          return Value.constant(type, x.dims(), x::elements, x);
        }
        case "Cast" -> {
          if (Elements.readable(type)) {
            boolean toFloat = Elements.isFloat(type);
            return Value.constant(
                type, x.dims(), () -> toFloat ? Elements.of(x.elements().floats()) : whole(x), x);
          }
        }
        case "Neg", "Abs", "Sqrt", "Floor", "Ceil", "Reciprocal" -> {
          if (x.size() <= 1 << 20) {
            return Value.constant(type, x.dims(), () -> map(x.elements(), op), x);
          }
        }
        case "QuantizeLinear", "DequantizeLinear" -> {
          Value scale = input(node, 1);
          Value zero = input(node, 2);
          if (scale != null
              && scale.isConstant()
              && (zero == null || zero.isConstant())
              && Attributes.integer(node, "block_size", 0) == 0) {
            long axis = Attributes.integer(node, "axis", 1);
            return Value.constant(
                type,
                x.dims(),
                () -> scaled(op.startsWith("Q"), x, scale, zero, axis, type),
                x,
                scale);
          }
        }
        default -> {}
      }
    }
    return Value.shaped(type, fromImages, x.dims());
  }

  private static Elements whole(Value x) {
    long[] found = new long[x.elements().size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = x.elements().whole(i);
    }
    return Elements.of(found);
  }

  private static Elements map(Elements x, String op) {
    if (!x.areFloats()) {
      long[] found = new long[x.size()];
      for (int i = 0; i < found.length; i++) {
        long v = x.whole(i);
        found[i] = op.equals("Neg") ? -v : op.equals("Abs") ? Math.abs(v) : v;
      }
      return Elements.of(found);
    }
    float[] found = new float[x.size()];
    for (int i = 0; i < found.length; i++) {
      double v = x.real(i);
      found[i] =
          (float)
              switch (op) {
                case "Neg" -> -v;
                case "Abs" -> Math.abs(v);
                case "Sqrt" -> Math.sqrt(v);
                case "Floor" -> Math.floor(v);
                case "Ceil" -> Math.ceil(v);
                default -> 1 / v;
              };
    }
    return Elements.of(found);
  }

  /** {@code (q - z) * s}, or the other way; s and z are one number, or one per index of an axis. */
  private static Elements scaled(
      boolean quantize, Value x, Value scale, @Nullable Value zero, long axis, int type) {
    Elements s = scale.elements();
    Elements in = x.elements();
    int stride = 1;
    int per = Math.max(1, s.size());
    if (per > 1) {
      int at = axis(axis, x.rank());
      require(x.dims()[at] == per);
      stride = (int) product(x.dims(), at + 1, x.rank());
    }
    require(s.size() > 0 && (zero == null || zero.elements().size() == s.size()));
    org.dlaclab.error.Check.fitsHeap("dequantized weights", 12.0 * in.size());
    float[] real = new float[quantize ? 0 : in.size()];
    long[] whole = new long[quantize ? in.size() : 0];
    boolean signed = type == DataType.INT8_VALUE;
    for (int i = 0; i < in.size(); i++) {
      int at = i / stride % per;
      long z = zero == null ? 0 : zero.elements().whole(at);
      if (quantize) {
        double q = Math.rint((float) in.real(i) / (float) s.real(at)) + z;
        whole[i] = (long) Math.max(signed ? -128 : 0, Math.min(signed ? 127 : 255, q));
      } else {
        real[i] = (float) (in.whole(i) - z) * (float) s.real(at);
      }
    }
    return quantize ? Elements.of(whole) : Elements.of(real);
  }

  private Value broadcast(NodeProto node, int type, boolean fromImages) {
    long[] dims = get(node.getInput(0)).dims();
    boolean constant = node.getInputCount() <= 3;
    for (String input : node.getInputList()) {
      dims = broadcast(dims, get(input).dims());
      constant &= get(input).isConstant();
    }
    Value[] from = node.getInputList().stream().map(this::get).toArray(Value[]::new);
    long size = Value.shaped(type, fromImages, dims).size();
    String op = node.getOpType();
    boolean folded =
        Set.of("Add", "Sub", "Mul", "Div", "Equal", "Where", "Min", "Max").contains(op)
            && (from.length == 2 || (from.length == 3 && op.equals("Where")));
    if (!constant || !folded || size > 1 << 20) {
      return Value.shaped(type, fromImages, dims);
    }
    long[] shape = dims;
    return Value.constant(type, dims, () -> combined(op, from, shape, (int) size), from);
  }

  private static Elements combined(String op, Value[] from, long[] dims, int size) {
    Elements[] x = new Elements[from.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = from[i].elements().take(spread(from[i].dims(), dims, size));
    }
    if (op.equals("Where")) {
      Elements yes = x[1];
      Elements no = x[2];
      if (yes.areFloats()) {
        float[] found = new float[size];
        for (int i = 0; i < size; i++) {
          found[i] = (float) (x[0].whole(i) != 0 ? yes : no).real(i);
        }
        return Elements.of(found);
      }
      long[] found = new long[size];
      for (int i = 0; i < size; i++) {
        found[i] = (x[0].whole(i) != 0 ? yes : no).whole(i);
      }
      return Elements.of(found);
    }
    if (x[0].areFloats() && !op.equals("Equal")) {
      float[] found = new float[size];
      for (int i = 0; i < size; i++) {
        float a = (float) x[0].real(i);
        float b = (float) x[1].real(i);
        found[i] =
            switch (op) {
              case "Add" -> a + b;
              case "Sub" -> a - b;
              case "Mul" -> a * b;
              case "Div" -> a / b;
              case "Min" -> Math.min(a, b);
              default -> Math.max(a, b);
            };
      }
      return Elements.of(found);
    }
    long[] found = new long[size];
    for (int i = 0; i < size; i++) {
      long a = x[0].whole(i);
      long b = x[1].whole(i);
      found[i] =
          switch (op) {
            case "Add" -> a + b;
            case "Sub" -> a - b;
            case "Mul" -> a * b;
            case "Div" -> a / b;
            case "Min" -> Math.min(a, b);
            case "Max" -> Math.max(a, b);
            default -> x[0].real(i) == x[1].real(i) ? 1 : 0;
          };
    }
    return Elements.of(found);
  }

  /** By element of {@code to}, the element of {@code from} that is broadcast to it. */
  private static int[] spread(long[] from, long[] to, int size) {
    int[] index = new int[size];
    for (int i = 0; i < size; i++) {
      int rest = i;
      int at = 0;
      int stride = 1;
      for (int d = to.length - 1, f = from.length - 1; d >= 0; d--, f--) {
        int position = (int) (rest % to[d]);
        rest /= (int) to[d];
        if (f >= 0) {
          at += from[f] == 1 ? 0 : position * stride;
          stride *= (int) from[f];
        }
      }
      index[i] = at;
    }
    return index;
  }

  private static long[] broadcast(long[] a, long[] b) {
    long[] dims = new long[Math.max(a.length, b.length)];
    for (int i = 0; i < dims.length; i++) {
      long x = i < dims.length - a.length ? 1 : a[i - dims.length + a.length];
      long y = i < dims.length - b.length ? 1 : b[i - dims.length + b.length];
      require(x == y || x == 1 || y == 1);
      dims[i] = x == 1 ? y : x;
    }
    return dims;
  }

  // --- other shapes of the same elements
  // -------------------------------------------------------------------------

  private Value reshape(NodeProto node, boolean fromImages) {
    Value x = get(node.getInput(0));
    long[] to = integers(node, 1);
    if (node.getInputCount() == 1) {
      to = Attributes.integers(node, "shape"); // before operator set 5
    }
    long[] dims = required(to).clone();
    boolean zeros = Attributes.integer(node, "allowzero", 0) != 0;
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1) {
        require(open < 0);
        open = i;
        continue;
      }
      dims[i] = dims[i] == 0 && !zeros ? x.dims()[i] : dims[i];
      require(dims[i] >= 0);
      known = Math.multiplyExact(known, dims[i]);
    }
    if (open >= 0) {
      require(known > 0 && x.size() % known == 0);
      dims[open] = x.size() / known;
      known *= dims[open];
    }
    require(known == x.size());
    return reshaped(node, fromImages, dims);
  }

  private Value reshaped(NodeProto node, boolean fromImages, long... dims) {
    Value x = get(node.getInput(0));
    return x.isConstant()
        ? Value.constant(x.type(), dims, x::elements, x)
        : Value.shaped(x.type(), fromImages, dims);
  }

  private Value squeeze(NodeProto node, boolean fromImages) {
    boolean add = node.getOpType().equals("Unsqueeze");
    List<Long> dims = new ArrayList<>();
    for (long dim : get(node.getInput(0)).dims()) {
      dims.add(dim);
    }
    long[] axes = integers(node, 1);
    if (axes == null) {
      require(node.getInputCount() < 2 || node.getInput(1).isEmpty());
      axes = Attributes.integers(node, "axes");
    }
    if (!add && axes.length == 0) {
      dims.removeIf(dim -> dim == 1);
    } else {
      int rank = dims.size() + (add ? axes.length : 0);
      int[] at = new int[axes.length];
      for (int i = 0; i < at.length; i++) {
        at[i] = axis(axes[i], rank);
      }
      Arrays.sort(at);
      for (int i = 0; i < at.length; i++) {
        if (add) {
          dims.add(at[i], 1L);
        } else {
          require(dims.remove(at[i] - i) == 1);
        }
      }
    }
    return reshaped(node, fromImages, dims.stream().mapToLong(Long::longValue).toArray());
  }

  private Value transpose(NodeProto node, int type, boolean fromImages) {
    Value x = get(node.getInput(0));
    long[] in = x.dims();
    long[] reversed = IntStream.range(0, in.length).mapToLong(i -> in.length - 1 - i).toArray();
    long[] perm = Attributes.integers(node, "perm", reversed);
    require(
        perm.length == in.length
            && Arrays.stream(perm).distinct().filter(p -> p >= 0 && p < in.length).count()
                == in.length);
    long[] dims = Arrays.stream(perm).map(p -> in[(int) p]).toArray();
    if (!x.isConstant()) {
      return Value.shaped(type, fromImages, dims);
    }
    return Value.constant(type, dims, () -> x.elements().take(moved(in, perm, dims)), x);
  }

  private static int[] moved(long[] in, long[] perm, long[] dims) {
    int[] strides = new int[in.length];
    for (int i = in.length - 1, stride = 1; i >= 0; stride *= (int) in[i--]) {
      strides[i] = stride;
    }
    int size = (int) product(dims, 0, dims.length);
    org.dlaclab.error.Check.fitsHeap("transposed weights", 8.0 * size);
    int[] from = new int[size];
    int[] position = new int[dims.length];
    for (int i = 0, at = 0; i < size; i++) {
      from[i] = at;
      for (int d = dims.length - 1; d >= 0; d--) {
        int stride = strides[(int) perm[d]];
        at += stride;
        if (++position[d] < dims[d]) {
          break;
        }
        at -= stride * position[d];
        position[d] = 0;
      }
    }
    return from;
  }

  // --- parts and wholes
  // ------------------------------------------------------------------------------------------

  private Value concat(NodeProto node, int type, boolean fromImages) {
    long[] dims = get(node.getInput(0)).dims().clone();
    int axis = axis(Attributes.integer(node, "axis", 1), dims.length);
    dims[axis] = 0;
    boolean constant = dims.length == 1;
    for (String input : node.getInputList()) {
      long[] other = get(input).dims();
      for (int i = 0; i < dims.length; i++) {
        require(other.length == dims.length && (i == axis || other[i] == dims[i]));
      }
      dims[axis] += other[axis];
      constant &= get(input).isConstant();
    }
    if (!constant || dims[0] > 4096) {
      return Value.shaped(type, fromImages, dims);
    }
    return integersOrFloats(node, type, dims);
  }

  private Value integersOrFloats(NodeProto node, int type, long[] dims) {
    List<Value> parts = node.getInputList().stream().map(this::get).toList();
    int size = (int) dims[0];
    return Value.constant(
        type,
        dims,
        () -> {
          boolean floats = parts.get(0).elements().areFloats();
          float[] real = new float[floats ? size : 0];
          long[] whole = new long[floats ? 0 : size];
          int at = 0;
          for (Value part : parts) {
            for (int i = 0; i < part.elements().size(); i++, at++) {
              if (floats) {
                real[at] = (float) part.elements().real(i);
              } else {
                whole[at] = part.elements().whole(i);
              }
            }
          }
          return floats ? Elements.of(real) : Elements.of(whole);
        });
  }

  private Value slice(NodeProto node, int type, boolean fromImages) {
    Value x = get(node.getInput(0));
    long[] dims = x.dims().clone();
    boolean old = node.getInputCount() == 1; // before operator set 10
    long[] starts = required(old ? Attributes.integers(node, "starts") : integers(node, 1));
    long[] ends = required(old ? Attributes.integers(node, "ends") : integers(node, 2));
    long[] all = IntStream.range(0, starts.length).mapToLong(i -> i).toArray();
    long[] axes = old ? Attributes.integers(node, "axes", all) : integers(node, 3);
    long[] steps = integers(node, 4);
    axes = axes == null ? all : axes;
    long first = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = axis(axes[i], dims.length);
      long step = steps == null ? 1 : steps[i];
      if (step < 0) {
        require(dims[axis] > 0 && starts[i] != Long.MIN_VALUE);
        long start = Math.min(starts[i] < 0 ? starts[i] + dims[axis] : starts[i], dims[axis] - 1);
        long end = ends[i] < -dims[axis] ? -1 : ends[i] < 0 ? ends[i] + dims[axis] : ends[i];
        dims[axis] = Math.max(0, (start - end - step - 1) / -step);
        require(!x.isConstant());
        continue;
      }
      require(step > 0);
      long start = clamp(starts[i], (int) dims[axis]);
      long end = clamp(ends[i], (int) dims[axis]);
      first = start;
      dims[axis] = Math.max(0, (end - start + step - 1) / step);
    }
    if (x.isConstant() && dims.length == 1 && dims[0] <= 4096) {
      int begin = (int) first;
      int step = steps == null ? 1 : (int) steps[0];
      int[] from = IntStream.range(0, (int) dims[0]).map(i -> begin + i * step).toArray();
      return Value.constant(type, dims, () -> x.elements().take(from), x);
    }
    return Value.shaped(type, fromImages, dims);
  }

  private Value gather(NodeProto node, int type, boolean fromImages) {
    Value x = get(node.getInput(0));
    Value at = get(node.getInput(1));
    int axis = axis(Attributes.integer(node, "axis", 0), x.rank());
    long[] dims =
        IntStream.concat(
                IntStream.range(0, axis).map(i -> (int) x.dims()[i]),
                IntStream.concat(
                    Arrays.stream(at.dims()).mapToInt(d -> (int) d),
                    IntStream.range(axis + 1, x.rank()).map(i -> (int) x.dims()[i])))
            .mapToLong(i -> i)
            .toArray();
    long[] indices = integers(node, 1);
    if (x.isConstant() && x.rank() == 1 && indices != null) {
      int[] from = new int[indices.length];
      for (int i = 0; i < from.length; i++) {
        from[i] = axis(indices[i], (int) x.dims()[0]);
      }
      return Value.constant(type, dims, () -> x.elements().take(from), x);
    }
    return Value.shaped(type, fromImages, dims);
  }

  private List<Value> split(NodeProto node, int type, boolean fromImages) {
    long[] dims = get(node.getInput(0)).dims();
    int axis = axis(Attributes.integer(node, "axis", 0), dims.length);
    int count = node.getOutputCount();
    long[] sizes = integers(node, 1);
    if (sizes == null) {
      require(node.getInputCount() < 2 || node.getInput(1).isEmpty());
      sizes = Attributes.integers(node, "split");
    }
    List<Value> parts = new ArrayList<>();
    long even = (dims[axis] + count - 1) / count;
    long left = dims[axis];
    for (int i = 0; i < count; i++) {
      long[] part = dims.clone();
      part[axis] = sizes.length == 0 ? Math.min(even, left) : sizes[i];
      require(part[axis] >= 0 && part[axis] <= left);
      left -= part[axis];
      parts.add(Value.shaped(type, fromImages, part));
    }
    require(left == 0);
    return parts;
  }

  // --- windows and products
  // --------------------------------------------------------------------------------------

  /** Extents of a window: from the attribute, else those of the weights. */
  static long[] kernel(NodeProto node, long[] ifm, long @Nullable [] weights) {
    long[] kernel = Attributes.integers(node, "kernel_shape");
    if (kernel.length == 0 && weights != null) {
      kernel = Arrays.copyOfRange(weights, 2, weights.length);
    }
    require(kernel.length == ifm.length - 2);
    return kernel;
  }

  /**
   * Padding before and after each dimension: that of {@code pads}, or what {@code auto_pad} makes
   * of the extents.
   */
  static long[] pads(NodeProto node, long[] ifm, long[] kernel) {
    int n = kernel.length;
    String auto = Attributes.text(node, "auto_pad", "NOTSET");
    if (auto.equals("NOTSET") || auto.isEmpty()) {
      long[] pads = Attributes.integers(node, "pads", new long[2 * n]);
      require(pads.length == 2 * n);
      return pads;
    }
    long[] pads = new long[2 * n];
    if (auto.equals("VALID")) {
      return pads;
    }
    require(auto.equals("SAME_UPPER") || auto.equals("SAME_LOWER"));
    long[] strides = ones(node, "strides", n);
    long[] dilations = ones(node, "dilations", n);
    for (int i = 0; i < n; i++) {
      require(strides[i] > 0);
      long positions = (ifm[i + 2] + strides[i] - 1) / strides[i];
      long reach = Math.addExact(Math.multiplyExact(dilations[i], kernel[i] - 1), 1);
      long total = Math.max(0, (positions - 1) * strides[i] + reach - ifm[i + 2]);
      pads[auto.equals("SAME_UPPER") ? i : i + n] = total / 2;
      pads[auto.equals("SAME_UPPER") ? i + n : i] = total - total / 2;
    }
    return pads;
  }

  static long[] ones(NodeProto node, String attribute, int n) {
    long[] ones = new long[n];
    Arrays.fill(ones, 1);
    long[] found = Attributes.integers(node, attribute, ones);
    require(found.length == n);
    return found;
  }

  private static long[] windows(NodeProto node, long[] ifm, long channels, long[] kernel) {
    int n = kernel.length;
    long[] pads = pads(node, ifm, kernel);
    long[] strides = ones(node, "strides", n);
    long[] dilations = ones(node, "dilations", n);
    boolean ceil = Attributes.integer(node, "ceil_mode", 0) != 0;
    long[] dims = new long[n + 2];
    dims[0] = ifm[0];
    dims[1] = channels;
    for (int i = 0; i < n; i++) {
      require(strides[i] > 0 && kernel[i] > 0 && dilations[i] > 0);
      long free =
          Math.subtractExact(
              Math.addExact(ifm[i + 2], Math.addExact(pads[i], pads[i + n])),
              Math.addExact(Math.multiplyExact(dilations[i], kernel[i] - 1), 1));
      require(free >= 0 || (ceil && free > -strides[i]));
      long steps = ceil ? (free + strides[i] - 1) / strides[i] : free / strides[i];
      if (ceil && steps * strides[i] >= ifm[i + 2] + pads[i]) {
        steps--; // a window begins inside of the IFM or of its leading padding
      }
      dims[i + 2] = steps + 1;
    }
    return dims;
  }

  private Value conv(NodeProto node, int type, boolean fromImages) {
    long[] ifm = get(node.getInput(0)).dims();
    long[] weights = get(node.getInput(1)).dims();
    require(weights.length == ifm.length && ifm.length > 2);
    return Value.shaped(
        type, fromImages, windows(node, ifm, weights[0], kernel(node, ifm, weights)));
  }

  private Value convTranspose(NodeProto node, int type, boolean fromImages) {
    long[] ifm = get(node.getInput(0)).dims();
    long[] weights = get(node.getInput(1)).dims();
    long[] kernel = kernel(node, ifm, weights);
    int n = kernel.length;
    require(!Attributes.has(node, "output_shape"));
    long[] pads = pads(node, ifm, kernel);
    long[] strides = ones(node, "strides", n);
    long[] dilations = ones(node, "dilations", n);
    long[] more = Attributes.integers(node, "output_padding", new long[n]);
    boolean same = Attributes.text(node, "auto_pad", "NOTSET").startsWith("SAME");
    long[] dims = new long[n + 2];
    dims[0] = ifm[0];
    dims[1] = Math.multiplyExact(weights[1], Attributes.integer(node, "group", 1));
    for (int i = 0; i < n; i++) {
      dims[i + 2] =
          same
              ? Math.multiplyExact(ifm[i + 2], strides[i])
              : strides[i] * (ifm[i + 2] - 1)
                  + more[i]
                  + (kernel[i] - 1) * dilations[i]
                  + 1
                  - pads[i]
                  - pads[i + n];
      require(dims[i + 2] >= 0);
    }
    return Value.shaped(type, fromImages, dims);
  }

  private Value matMul(NodeProto node, int type, boolean fromImages) {
    long[] a = get(node.getInput(0)).dims();
    long[] b = get(node.getInput(1)).dims();
    require(a.length >= 2 && b.length >= 2 && a[a.length - 1] == b[b.length - 2]);
    long[] outer = broadcast(Arrays.copyOf(a, a.length - 2), Arrays.copyOf(b, b.length - 2));
    long[] dims = Arrays.copyOf(outer, outer.length + 2);
    dims[outer.length] = a[a.length - 2];
    dims[outer.length + 1] = b[b.length - 1];
    return Value.shaped(type, fromImages, dims);
  }

  /** Padding of a {@code Pad}: before each dimension, then after each; null if it is not known. */
  long @Nullable [] padding(NodeProto node) {
    long[] pads = node.getInputCount() == 1 ? Attributes.integers(node, "pads") : integers(node, 1);
    if (pads == null || input(node, 3) == null) {
      return pads;
    }
    int rank = get(node.getInput(0)).rank();
    long[] axes = required(integers(node, 3));
    long[] all = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      all[axis(axes[i], rank)] = pads[i];
      all[rank + axis(axes[i], rank)] = pads[i + axes.length];
    }
    return all;
  }

  private Value padded(NodeProto node, int type, boolean fromImages) {
    long[] dims = get(node.getInput(0)).dims().clone();
    long[] pads = required(padding(node));
    require(pads.length == 2 * dims.length);
    for (int i = 0; i < dims.length; i++) {
      dims[i] = Math.addExact(dims[i], Math.addExact(pads[i], pads[i + dims.length]));
      require(dims[i] >= 0);
    }
    return Value.shaped(type, fromImages, dims);
  }

  private Value resize(NodeProto node, int type, boolean fromImages) {
    long[] dims = get(node.getInput(0)).dims().clone();
    require(Attributes.integers(node, "axes").length == 0);
    long[] sizes = integers(node, 3);
    if (sizes != null && sizes.length == dims.length) {
      return Value.shaped(type, fromImages, sizes);
    }
    float[] scales = Attributes.numbers(node, "scales");
    Value given = input(node, opset >= 11 ? 2 : 1);
    if (given != null && given.isConstant() && given.size() == dims.length) {
      scales = given.elements().floats();
    }
    require(scales.length == dims.length);
    for (int i = 0; i < dims.length; i++) {
      require(scales[i] > 0);
      dims[i] = (long) Math.floor(dims[i] * (double) scales[i]);
    }
    return Value.shaped(type, fromImages, dims);
  }

  private Value reduced(NodeProto node, int type, boolean fromImages, long[] axes) {
    long[] dims = get(node.getInput(0)).dims();
    boolean keep = Attributes.integer(node, "keepdims", 1) != 0;
    boolean[] gone = new boolean[dims.length];
    Arrays.fill(gone, axes.length == 0 && Attributes.integer(node, "noop_with_empty_axes", 0) == 0);
    for (long axis : axes) {
      gone[axis(axis, dims.length)] = true;
    }
    long[] left =
        IntStream.range(0, dims.length)
            .filter(i -> keep || !gone[i])
            .mapToLong(i -> gone[i] ? 1 : dims[i])
            .toArray();
    return Value.shaped(type, fromImages, left);
  }

  static int axis(long axis, int rank) {
    long at = axis < 0 ? axis + rank : axis;
    require(at >= 0 && at < rank);
    return (int) at;
  }

  private static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product = Math.multiplyExact(product, dims[i]);
    }
    return product;
  }

  private static long[] required(long @Nullable [] found) {
    if (found == null) {
      throw new IllegalStateException("not constant");
    }
    return found;
  }

  /** Inputs that do not fit each other leave a shape unknown. */
  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalStateException("inputs do not fit");
    }
  }
}
