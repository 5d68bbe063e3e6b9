package org.dlaclab.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.dlaclab.error.Refusals.assertRefused;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dlaclab.network.FeatureMap;
import org.dlaclab.network.Layer;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The zoo against the papers. Every figure says where it is from. */
class ZooTest {

  @Nested
  class ExactParameters {
    @ParameterizedTest(name = "{0} has {1} parameters: {2}")
    @CsvSource({
      "resnet18,       11689512, torchvision ResNet18_Weights",
      "resnet34,       21797672, torchvision ResNet34_Weights",
      "resnet50,       25557032, torchvision ResNet50_Weights",
      "resnet101,      44549160, torchvision ResNet101_Weights",
      "resnet152,      60192808, torchvision ResNet152_Weights",
      "resnet50-v1.5,  25557032, the stride has no parameters",
      "resnet101-v1.5, 44549160, the stride has no parameters",
      "resnet152-v1.5, 60192808, the stride has no parameters",
      "vgg16,         138357544, torchvision VGG16_Weights and Simonyan's Caffe model",
      "vgg19,         143667240, torchvision VGG19_Weights and Simonyan's Caffe model",
      "alexnet,        60965224, Caffe's bvlc_alexnet: two groups",
      "googlenet,       6998552, Caffe's bvlc_googlenet without the auxiliary classifiers",
      "lenet5,            61706, LeCun's layers with a fully connected C3",
      "mobilenet-v1,    4231976, Keras' 4253864 less the 21888 moving statistics of its normalizations",
      "mobilenet-v2,    3504872, torchvision MobileNet_V2_Weights",
      "efficientnet-b0, 5288548, torchvision EfficientNet_B0_Weights",
      "shufflenet-v1,   1865728, imgclsmob ShuffleNet x1.0 (g=3)",
      "shufflenet-v2,   2278604, torchvision ShuffleNet_V2_X1_0_Weights",
      "squeezenet-1.0,  1248424, torchvision SqueezeNet1_0_Weights",
      "squeezenet-1.1,  1235496, torchvision SqueezeNet1_1_Weights",
      "densenet121,     7978856, torchvision DenseNet121_Weights",
      "inception-v3,   23834568, torchvision's 27161264 less the 3326696 of the auxiliary classifier",
    })
    void ofPublishedModels(String name, long parameters, String source) {
      assertThat(Zoo.network(name).parameters()).as(source).isEqualTo(parameters);
    }
  }

  @Nested
  class PublishedParameters {
    @ParameterizedTest(name = "{0} has about {1} million parameters: {3}")
    @CsvSource({
      "lenet5,     0.060,  3, 'LeCun et al., Proc. IEEE 1998, section II.B: 60,000'",
      "alexnet,       60,  2, 'Krizhevsky et al., NIPS 2012, abstract: 60 million'",
      "vgg16,        138,  1, 'Simonyan and Zisserman, ICLR 2015, table 2, D'",
      "vgg19,        144,  1, 'Simonyan and Zisserman, ICLR 2015, table 2, E'",
      "googlenet,      7,  1, 'Sze et al., Proc. IEEE 2017, table II'",
      "resnet50,    25.5,  1, 'Sze et al., Proc. IEEE 2017, table II'",
      "resnet20,    0.27,  2, 'He et al., CVPR 2016, table 6'",
      "resnet32,    0.46,  2, 'He et al., CVPR 2016, table 6'",
      "resnet56,    0.85,  2, 'He et al., CVPR 2016, table 6'",
      "resnet110,    1.7,  2, 'He et al., CVPR 2016, table 6'",
      "mobilenet-v1, 4.2,  1, 'Howard et al., arXiv:1704.04861, table 4'",
      "mobilenet-v2, 3.4,  4, 'Sandler et al., CVPR 2018, table 4'",
      "efficientnet-b0, 5.3, 1, 'Tan and Le, ICML 2019, table 2'",
      "shufflenet-v2, 2.3, 1, 'Ma et al., ECCV 2018, table 5'",
    })
    void inMillions(String name, double millions, double percent, String source) {
      assertThat(Zoo.network(name).parameters() / 1e6)
          .as(source)
          .isCloseTo(millions, withinPercentage(percent));
    }
  }

  @Nested
  class PublishedMacs {
    @ParameterizedTest(name = "{0} takes {1} GMAC: {3}")
    @CsvSource({
      "resnet18,       1.8, 3, 'He et al., CVPR 2016, table 1'",
      "resnet34,       3.6, 3, 'He et al., CVPR 2016, table 1'",
      "resnet50,       3.8, 3, 'He et al., CVPR 2016, table 1'",
      "resnet101,      7.6, 3, 'He et al., CVPR 2016, table 1'",
      "resnet152,     11.3, 3, 'He et al., CVPR 2016, table 1'",
      "alexnet,      0.724, 0.1, 'Sze et al., Proc. IEEE 2017, table II'",
      "vgg16,         15.5, 0.5, 'Sze et al., Proc. IEEE 2017, table II'",
      "resnet50,       3.9, 2, 'Sze et al., Proc. IEEE 2017, table II'",
      "googlenet,      1.5, 6, 'Szegedy et al., CVPR 2015, section 1: a budget of 1.5 billion'",
      "resnet18,     1.814, 0.05, torchvision ResNet18_Weights _ops",
      "resnet34,     3.664, 0.05, torchvision ResNet34_Weights _ops",
      "resnet50-v1.5,  4.089, 0.05, torchvision ResNet50_Weights _ops",
      "resnet101-v1.5, 7.801, 0.05, torchvision ResNet101_Weights _ops",
      "resnet152-v1.5, 11.514, 0.05, torchvision ResNet152_Weights _ops",
      "vgg16,         15.47, 0.05, torchvision VGG16_Weights _ops",
      "vgg19,        19.632, 0.05, torchvision VGG19_Weights _ops",
      "resnet56,     0.125, 1, 'Li et al., ICLR 2017, table 1: 1.25e8'",
      "resnet110,    0.253, 1, 'Li et al., ICLR 2017, table 1: 2.53e8'",
      "mobilenet-v1, 0.569, 0.1, 'Howard et al., arXiv:1704.04861, table 4'",
      "mobilenet-v2, 0.300, 0.5, 'Sandler et al., CVPR 2018, table 4'",
      "mobilenet-v2, 0.301, 0.2, torchvision MobileNet_V2_Weights _ops",
      "efficientnet-b0, 0.39, 2, 'Tan and Le, ICML 2019, table 2'",
      "efficientnet-b0, 0.386, 0.2, torchvision EfficientNet_B0_Weights _ops",
      "shufflenet-v1, 0.137, 0.5, 'Zhang et al., CVPR 2018, table 1, 3 groups'",
      "shufflenet-v2, 0.146, 1, 'Ma et al., ECCV 2018, table 5'",
      "shufflenet-v2, 0.145, 0.2, torchvision ShuffleNet_V2_X1_0_Weights _ops",
      "squeezenet-1.0, 0.819, 0.05, torchvision SqueezeNet1_0_Weights _ops",
      "squeezenet-1.1, 0.349, 0.1, torchvision SqueezeNet1_1_Weights _ops",
      "densenet121,  2.834, 0.05, torchvision DenseNet121_Weights _ops",
      "inception-v3, 5.713, 0.05, torchvision Inception_V3_Weights _ops",
    })
    void inBillions(String name, double billions, double percent, String source) {
      assertThat(Zoo.network(name).macs() / 1e9)
          .as(source)
          .isCloseTo(billions, withinPercentage(percent));
    }

    @ParameterizedTest(name = "AlexNet {0}: {1}")
    @CsvSource({
      "conv1, 421.66",
      "conv2, 895.79",
      "conv3, 598.1",
      "conv4, 448.6",
      "conv5, 299.0",
    })
    void alexNetPerLayerAtBatchFour(String layer, double megaMacs) {
      // Chen et al., Eyeriss, JSSC 2017, table V: millions of MACs for a batch of 4.
      assertThat(4 * Zoo.network("alexnet").node(layer).macs() / 1e6)
          .isCloseTo(megaMacs, withinPercentage(0.1));
    }

    @ParameterizedTest(name = "LeNet-5 {0} has {1} connections")
    @CsvSource({"conv1, 122304", "fc1, 48120", "fc2, 10164"})
    void leNetsConnections(String layer, long connections) {
      // LeCun et al., Proc. IEEE 1998, section II.B (C1, C5, F6): a bias is a connection, too.
      Node node = Zoo.network("lenet5").node(layer);
      long pixels = (long) node.ofm().height() * node.ofm().width();
      assertThat(node.macs() + node.ofm().channels() * pixels).isEqualTo(connections);
    }

    @ParameterizedTest(name = "GoogLeNet inception {0}: {1} K parameters, {2} M operations, {3}")
    @CsvSource({
      "3a, 159, 128, 256x28x28, 2.5",
      "3b, 380, 304, 480x28x28, 2.5",
      "4a, 364, 73, 512x14x14, 2.5",
      "4b, 437, 88, 512x14x14, 2.5",
      "4c, 463, 100, 512x14x14, 8",
      "4d, 580, 119, 528x14x14, 2.5",
      "4e, 840, 170, 832x14x14, 2.5",
      "5a, 1072, 54, 832x7x7, 6",
      "5b, 1388, 71, 1024x7x7, 2.5",
    })
    void googLeNetPerModule(
        String module, double kiloParameters, double megaOps, String ofm, double percent) {
      // Szegedy et al., CVPR 2015, table 1. Its K is 1024, as its rows show. Its counts for 4c and
      // 5a do not follow from its own columns: those filters have 498 K and 1018 K parameters, and
      // the total of Caffe's bvlc_googlenet agrees with the columns.
      Network network = Zoo.network("googlenet");
      List<Node> layers =
          network.gridLayers().stream()
              .filter(node -> node.name().startsWith("inception_" + module + "-"))
              .toList();
      assertThat(layers).hasSize(6);
      assertThat(layers.stream().mapToLong(Node::weights).sum() / 1024.0)
          .isCloseTo(kiloParameters, withinPercentage(percent));
      assertThat(layers.stream().mapToLong(Node::macs).sum() / 1e6)
          .isCloseTo(megaOps, withinPercentage(percent));
      assertThat(network.node("inception_" + module).ofm()).hasToString(ofm);
    }
  }

  @Nested
  class Depth {
    @ParameterizedTest(name = "{0} has {1} layers with weights on its longest path")
    @CsvSource({
      "lenet5, 5", // without the RBF output
      "alexnet, 8",
      "vgg16, 16",
      "vgg19, 19",
      "googlenet, 22", // Szegedy et al., section 5
      "resnet18, 18",
      "resnet34, 34",
      "resnet50, 50",
      "resnet50-v1.5, 50",
      "resnet101, 101",
      "resnet152, 152",
      "resnet20, 20",
      "resnet32, 32",
      "resnet56, 56",
      "resnet110, 110",
      "densenet121, 121",
      "mobilenet-v1, 28", // Howard et al., section 3.1
    })
    void isThatOfThePaper(String name, int depth) {
      Map<Integer, Integer> depths = new HashMap<>(Map.of(Node.INPUT, 0));
      Network network = Zoo.network(name);
      for (Node node : network.nodes()) {
        int before = node.inputs().stream().mapToInt(depths::get).max().orElseThrow();
        depths.put(node.index(), before + (node.onGrid() ? 1 : 0));
      }
      assertThat(depths.get(network.nodes().size() - 1)).isEqualTo(depth);
    }
  }

  @Nested
  class ResNetStages {
    @ParameterizedTest(name = "{0}: conv{1}_{2} gives {3}")
    @CsvSource({
      "resnet18, 2, 2, 64x56x56",
      "resnet18, 5, 2, 512x7x7",
      "resnet34, 3, 4, 128x28x28",
      "resnet34, 4, 6, 256x14x14",
      "resnet50, 2, 3, 256x56x56",
      "resnet50, 3, 4, 512x28x28",
      "resnet50-v1.5, 3, 4, 512x28x28",
      "resnet101, 4, 23, 1024x14x14",
      "resnet152, 3, 8, 512x28x28",
      "resnet152, 4, 36, 1024x14x14",
      "resnet152, 5, 3, 2048x7x7",
      "resnet20, 2, 3, 16x32x32",
      "resnet56, 3, 9, 32x16x16",
      "resnet110, 4, 18, 64x8x8",
    })
    void haveTheBlocksAndExtentsOfTheTable(String name, int stage, int blocks, String ofm) {
      // He et al., CVPR 2016, table 1 and section 4.2.
      Network network = Zoo.network(name);
      String prefix = "conv" + stage + "_";
      List<Node> layers =
          network.gridLayers().stream().filter(n -> n.name().startsWith(prefix)).toList();
      assertThat(
              layers.stream().map(n -> n.name().replaceAll("^conv\\d+_(\\d+).*$", "$1")).distinct())
          .hasSize(blocks);
      String last = layers.get(layers.size() - 1).name().endsWith("c") ? "c" : "b";
      assertThat(network.node(prefix + blocks + last).ofm()).hasToString(ofm);
    }

    @Test
    void projectOnlyWhereShapesChange() {
      assertThat(Zoo.network("resnet50").gridLayers().stream().map(Node::name))
          .filteredOn(name -> name.endsWith("_proj"))
          .containsExactly("conv2_1_proj", "conv3_1_proj", "conv4_1_proj", "conv5_1_proj");
      assertThat(Zoo.network("resnet18").gridLayers().stream().map(Node::name))
          .filteredOn(name -> name.endsWith("_proj"))
          .containsExactly("conv3_1_proj", "conv4_1_proj", "conv5_1_proj");
    }

    @Test
    void differInWhereABottleneckStrides() {
      assertThat(strides("resnet50", "conv3_1")).isEqualTo("2 1 1");
      assertThat(strides("resnet50-v1.5", "conv3_1")).isEqualTo("1 2 1");
    }

    private String strides(String name, String block) {
      Network network = Zoo.network(name);
      return network.node(block + "a").conv().stride().height()
          + " "
          + network.node(block + "b").conv().stride().height()
          + " "
          + network.node(block + "c").conv().stride().height();
    }
  }

  @Nested
  class Everyone {
    static List<String> names() {
      return Zoo.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void classifies(String name) {
      Network network = Zoo.network(name);
      assertThat(network.name()).isEqualTo(name);
      boolean imageNet = network.ifm().height() > 200;
      assertThat(network.ofm()).isEqualTo(new FeatureMap(imageNet ? 1000 : 10, 1, 1));
      Node last = network.gridLayers().get(network.gridLayers().size() - 1);
      assertThat(last.layer())
          .isInstanceOf(
              name.startsWith("squeezenet") ? Layer.Conv.class : Layer.FullyConnected.class);
      assertThat(last.ofm().channels()).isEqualTo(network.ofm().channels());
    }

    /** Blocks that end without an activation function by design, and swish in place of ReLU. */
    private static final Set<String> WITHOUT_ZEROS =
        Set.of("mobilenet-v2", "efficientnet-b0", "shufflenet-v1", "shufflenet-v2");

    static List<String> withZeros() {
      return Zoo.names().stream().filter(name -> !WITHOUT_ZEROS.contains(name)).toList();
    }

    @ParameterizedTest
    @MethodSource("withZeros")
    void hasAReluBetweenAnyTwoLayersWithWeightsOfAChain(String name) {
      // Zeros come from ReLU: a convolution that reads another one's raw sums would skip nothing.
      Network network = Zoo.network(name);
      for (Node node : network.gridLayers()) {
        int input = node.inputs().get(0);
        while (input != Node.INPUT && passesZerosOn(network.nodes().get(input).layer())) {
          input = network.nodes().get(input).inputs().get(0);
        }
        if (input != Node.INPUT) {
          assertThat(network.nodes().get(input).layer())
              .as(node.name())
              .isInstanceOf(Layer.Relu.class);
        }
      }
    }

    private boolean passesZerosOn(Layer layer) {
      return layer instanceof Layer.Pool
          || layer instanceof Layer.GlobalAvgPool
          || layer instanceof Layer.Flatten
          || layer instanceof Layer.LocalResponseNorm
          || layer instanceof Layer.Concat;
    }
  }

  @Nested
  class Stages {
    @ParameterizedTest(name = "{0}: {1} gives {2}")
    @CsvSource({
      // Howard et al., arXiv:1704.04861, table 1.
      "mobilenet-v1, conv1, 32x112x112",
      "mobilenet-v1, conv3_pw, 128x56x56",
      "mobilenet-v1, conv12_pw, 512x14x14",
      "mobilenet-v1, conv14_pw, 1024x7x7",
      // Sandler et al., CVPR 2018, table 2: input of the next row.
      "mobilenet-v2, block1_1_project, 16x112x112",
      "mobilenet-v2, block2_2_project, 24x56x56",
      "mobilenet-v2, block4_4_project, 64x14x14",
      "mobilenet-v2, block5_3_project, 96x14x14",
      "mobilenet-v2, block7_1_project, 320x7x7",
      // Tan and Le, ICML 2019, table 1: resolution of the next row.
      "efficientnet-b0, block2_2_project, 24x56x56",
      "efficientnet-b0, block3_2_project, 40x28x28",
      "efficientnet-b0, block5_3_project, 112x14x14",
      "efficientnet-b0, block6_4_project, 192x7x7",
      // Zhang et al., CVPR 2018, table 1.
      "shufflenet-v1, stage2_1, 240x28x28",
      "shufflenet-v1, stage3_1, 480x14x14",
      "shufflenet-v1, stage4_4c, 960x7x7",
      // Ma et al., ECCV 2018, table 5.
      "shufflenet-v2, stage2_4, 116x28x28",
      "shufflenet-v2, stage3_8, 232x14x14",
      "shufflenet-v2, stage4_4, 464x7x7",
      // Huang et al., CVPR 2017, table 1, with 32 channels more per layer.
      "densenet121, dense1_6, 256x56x56",
      "densenet121, transition1, 128x56x56",
      "densenet121, dense2_12, 512x28x28",
      "densenet121, dense3_24, 1024x14x14",
      "densenet121, dense4_16, 1024x7x7",
      // Szegedy et al., CVPR 2016, table 1: input of the next row.
      "inception-v3, conv1a, 32x149x149",
      "inception-v3, conv2b, 64x147x147",
      "inception-v3, mixed5d, 288x35x35",
      "inception-v3, mixed6e, 768x17x17",
      "inception-v3, mixed7a, 1280x8x8",
      "inception-v3, mixed7c, 2048x8x8",
      // Iandola et al., arXiv:1602.07360, table 1; its first layers are for images of 227 x 227.
      "squeezenet-1.0, fire8, 512x27x27",
      "squeezenet-1.0, conv10, 1000x13x13",
    })
    void haveTheExtentsOfThePapers(String name, String layer, String ofm) {
      assertThat(Zoo.network(name).node(layer).ofm()).hasToString(ofm);
    }
  }

  @Nested
  class OtherImages {
    @Test
    void networksTakeOtherImagesAndClasses() {
      Network tiny = Zoo.network("resnet18", new FeatureMap(1, 64, 48), 7);
      assertThat(tiny.ofm()).isEqualTo(new FeatureMap(7, 1, 1));
      assertThat(tiny.node("conv1").weights()).isEqualTo(64 * 49);
    }

    @Test
    void googLeNetTakesCifarImages() {
      Network network = Zoo.network("googlenet", new FeatureMap(3, 32, 32), 10);
      assertThat(network.node("inception_5b").ofm()).isEqualTo(new FeatureMap(1024, 1, 1));
    }

    @Test
    void imagesThatAreTooSmallNameTheLayerThatStarves() {
      assertRefused(
          () -> Zoo.network("alexnet", new FeatureMap(3, 32, 32), 10),
          "maxPool \"conv2.maxPool\"",
          "256x2x2");
    }

    @Test
    void thereIsAtLeastOneClass() {
      assertRefused(() -> Zoo.network("lenet5", new FeatureMap(1, 28, 28), 0), "classes is 0");
    }
  }

  @Nested
  class Names {
    @Test
    void areThoseOfTheIssue() {
      assertThat(Zoo.names())
          .contains(
              "lenet5",
              "alexnet",
              "vgg16",
              "vgg19",
              "googlenet",
              "resnet18",
              "resnet20",
              "resnet32",
              "resnet34",
              "resnet50",
              "resnet56",
              "resnet101",
              "resnet110",
              "resnet152",
              "mobilenet-v1",
              "mobilenet-v2",
              "squeezenet-1.0",
              "squeezenet-1.1",
              "densenet121",
              "shufflenet-v1",
              "shufflenet-v2",
              "efficientnet-b0",
              "inception-v3");
    }

    @Test
    void doNotDependOnCase() {
      assertThat(Zoo.network("ResNet50")).isEqualTo(Zoo.network("resnet50"));
    }

    @ParameterizedTest
    @CsvSource({"resnet-50, resnet50", "alexnt, alexnet", "VGG-16, vgg16", "LeNet, lenet5"})
    void anUnknownOneSuggestsTheNearest(String typed, String meant) {
      assertRefused(
          () -> Zoo.network(typed),
          "no network \"" + typed + "\"",
          "did you mean \"" + meant + "\"");
    }
  }
}
