package org.dlaclab.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;
import static org.dlaclab.network.Layers.*;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.network.Node;
import org.dlaclab.network.Weights;
import org.dlaclab.operand.Operands;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.tensor.BitMatrix;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Shape;
import org.dlaclab.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainedTest {
  private static final Policy FULL = new Policy("full", new Quantizer.FullPrecision(), List.of());

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lenet5", "resnet20"})
  void shippedNetworksKnowMostOfTheirImages(String name) {
    Trained trained = Trained.load(name);

    assertThat(trained.images().shape()).isEqualTo(Shape.of(32, 1, 28, 28));
    assertThat(trained.labels()).hasSize(32).allSatisfy(l -> assertThat(l).isBetween(0, 9));
    for (float pixel : trained.images().toArray()) {
      assertThat(pixel).isBetween(0f, 1f);
    }
    // About 91 of 100 are right on the whole test set; fewer than 26 of 32 would be a wrong path.
    assertThat(trained.accuracy(trained.images(), trained.labels()))
        .isGreaterThanOrEqualTo(26 / 32.0);
    assertThat(trained.stamp()).containsKeys("accuracy", "policy", "seed");
  }

  @ParameterizedTest
  @CsvSource({"lenet5, 8", "resnet20, 2"})
  void predictionsAreThoseOfTheTextbook(String name, int count) {
    Trained trained = Trained.load(name);
    NaiveForward naive = new NaiveForward(trained.weights(), trained.policy());
    List<Integer> predicted = trained.predict(trained.images());
    for (int i = 0; i < count; i++) {
      List<double[][][]> results = naive.run(RandomNetworks.image(trained.images(), i));
      double[][][] scores = results.get(results.size() - 1);
      int best =
          IntStream.range(0, 10)
              .reduce((a, b) -> scores[b][0][0] > scores[a][0][0] ? b : a)
              .orElseThrow();
      assertThat(predicted.get(i)).isEqualTo(best);
    }
  }

  @Test
  void anUnknownNameGetsTheNearest() {
    assertThatThrownBy(() -> Trained.load("resnet-20"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("did you mean \"resnet20\"?");
  }

  @Test
  void imagesAreSamplesAndBatchesOfThem() {
    Trained trained = Trained.load("lenet5");
    Operands ones = trained.images(6).bind(trained.network(), trained.policy());
    Operands pairs = trained.images(6).batch(2).bind(trained.network(), trained.policy());
    assertThat(ones.samples()).isEqualTo(6);
    assertThat(ones.batch()).isEqualTo(1);
    assertThat(pairs.samples()).isEqualTo(3);
    assertThat(pairs.batch()).isEqualTo(2);
    assertThat(ones.origin()).contains("lenet5").contains("accuracy 90.94 %").contains("6 images");

    Node conv2 = trained.network().node("conv2");
    BitMatrix pair = pairs.sample(1).ifm(conv2);
    for (int b = 0; b < 2; b++) {
      BitMatrix one = ones.sample(2 + b).ifm(conv2);
      for (int row = 0; row < one.rows(); row++) {
        assertThat(pair.word(b * one.rows() + row, 0)).isEqualTo(one.word(row, 0));
      }
    }
    // The background of Fashion-MNIST is black, and two thirds of ternary weights are left.
    assertThat(ones.sample(0).ifm(trained.network().node("conv1")).density()).isBetween(0.1, 0.9);
    assertThat(ones.weights(conv2).density()).isBetween(0.3, 0.8);
    assertThat(ones.weights(trained.network().node("conv1")).density()).isEqualTo(1);
  }

  @Test
  void imagesThatAreNotThereAreRefused() {
    Trained trained = Trained.load("lenet5");
    assertThatThrownBy(() -> trained.images(33))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("lenet5 has 32 images, and 33 are asked for");
    assertThatThrownBy(() -> trained.images(0)).isInstanceOf(DlacException.class);
    assertThatThrownBy(() -> trained.images(6).batch(4))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("images(4).batch(4)");
    assertThatThrownBy(() -> trained.withImages(trained.images(), List.of(1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("1 labels for 32 images");
    assertThatThrownBy(() -> trained.accuracy(trained.images(), List.of(1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("32 images and 1 labels");
  }

  @Test
  void anotherNetworkWithTheSameLayersTakesTheWeights() {
    Network written =
        network(
            "mine", ifm(1, 4, 4), conv("c", filters(2), kernel(3)), relu(), flatten(), fc("fc", 3));
    Network thresholded =
        network(
            "mine",
            ifm(1, 4, 4),
            conv("c", filters(2), kernel(3)),
            relu(1e9),
            flatten(),
            fc("fc", 3));
    Network wider =
        network(
            "mine", ifm(1, 4, 4), conv("c", filters(3), kernel(3)), relu(), flatten(), fc("fc", 3));
    Path file = folder.resolve("w.safetensors");
    SafeTensors.of(Weights.random(written, 8).tensors(), Map.of("accuracy", "12 %")).write(file);
    Trained trained =
        Trained.load(file, written, FULL)
            .withImages(new RandomNetworks(8).images(written, 2), List.of());

    assertThat(trained.stamp()).containsEntry("accuracy", "12 %");
    assertThat(trained.predict(trained.images())).hasSize(2);
    BitMatrix all = trained.images(1).bind(thresholded, FULL).sample(0).ifm(thresholded.node("fc"));
    assertThat(all.ones()).isZero();
    assertThatThrownBy(() -> trained.images(1).bind(wider, FULL))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("conv \"c\" of mine")
        .hasMessageContaining("2x1x3x3")
        .hasMessageContaining("3x1x3x3");
  }

  @Test
  void withoutImagesItSaysThatItHasNone() {
    Trained lenet = Trained.load("lenet5");
    Trained without = lenet.withImages(Tensor.of(Shape.of(0, 1, 28, 28)), List.of());
    for (ThrowingCallable run :
        List.<ThrowingCallable>of(
            () -> without.images(0), () -> without.images(1), () -> without.agreement(FULL))) {
      assertRefused(run, "lenet5 has no images to run on", "n x 1 x 28 x 28", "withImages(images(");
    }
  }

  @Test
  void imagesOfOtherExtentsAreRefusedWithTheWordsThatPrepareThem() {
    Trained lenet = Trained.load("lenet5");
    assertRefused(
        () -> lenet.predict(Tensor.of(Shape.of(2, 28, 28, 1), new float[2 * 28 * 28])),
        "lenet5 gets images of shape 2x28x28x1",
        "n x 1 x 28 x 28",
        "leave nhwc() out");
    assertRefused(
        () -> lenet.predict(Tensor.of(Shape.of(1, 3, 28, 28), new float[3 * 28 * 28])),
        "images(folder, resize(28, 28), grey())");
  }

  @Test
  void thePolicyMayComeFromTheStamp() {
    Network network =
        network(
            "mine", ifm(1, 4, 4), conv("c", filters(2), kernel(3)), relu(), flatten(), fc("fc", 3));
    Policy policy =
        Policy.of(
            "mine",
            new Policy.Weights(new Quantizer.TrainedTernary()),
            new Policy.Activations(
                Policy.Activations.ALL, List.of(new Policy.Threshold(0.5), new Policy.KBit(4, 6))));
    Map<String, Tensor> tensors = new HashMap<>(Weights.random(network, 8).tensors());
    tensors.put("c.scales", Tensor.of(Shape.of(2), 2, 3));
    Path file = folder.resolve("stamped.safetensors");
    SafeTensors.of(tensors, Map.of("policy_json", policy.toJson())).write(file);

    Trained trained = Trained.load(file, network);
    assertThat(trained.policy()).isEqualTo(policy);
    assertThat(trained.weights().scales(network.node("c"))).contains(tensors.get("c.scales"));
    assertThat(trained)
        .isEqualTo(Trained.load(file, network, policy))
        .isNotEqualTo(Trained.load(file, network, FULL));
  }

  @Test
  void withoutAPolicyInTheStampOneMustBeGiven() {
    Network network = network("mine", ifm(4), fc("fc", 3));
    Path file = folder.resolve("plain.safetensors");
    SafeTensors.of(Weights.random(network, 8).tensors(), Map.of("seed", "8")).write(file);
    assertRefused(
        () -> Trained.load(file, network),
        "plain.safetensors",
        "policy_json",
        "trained(path, network, policy)");
    SafeTensors.of(Weights.random(network, 8).tensors(), Map.of("policy_json", "{")).write(file);
    assertRefused(() -> Trained.load(file, network), "no JSON");
  }

  @Test
  void aPolicyForReluThatTheNetworkLacksIsRefused() {
    Network network = network("mine", ifm(4), fc("fc", 3));
    Policy policy =
        Policy.of("p", new Policy.Activations("fc.relu", List.of(new Policy.Threshold(0.5))));
    Path file = folder.resolve("w.safetensors");
    SafeTensors.of(Weights.random(network, 8).tensors(), Map.of()).write(file);
    assertRefused(() -> Trained.load(file, network, policy), "no ReLU of \"mine\"");
  }

  @Test
  void theSavedGraphRunsByItself() throws Exception {
    Trained trained = Trained.load("lenet5");
    Path file = folder.resolve("lenet5.onnx");
    OnnxExport.save(trained.weights(), trained.policy(), file);
    OnnxExport.save(trained.weights(), trained.policy(), folder.resolve("again.onnx"));
    assertThat(file).hasSameBinaryContentAs(folder.resolve("again.onnx"));

    Map<String, Tensor> expected;
    try (Inference inference = Inference.of(trained.weights(), trained.policy(), List.of("fc3"))) {
      expected = inference.run(trained.images());
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor images =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(trained.images().toArray()),
                new long[] {32, 1, 28, 28});
        OrtSession.Result result = session.run(Map.of("input", images))) {
      assertThat(session.getOutputNames()).containsExactly("fc3");
      float[][] scores = (float[][]) result.get(0).getValue();
      for (int i = 0; i < 320; i++) {
        assertThat(scores[i / 10][i % 10]).isCloseTo(expected.get("fc3").get(i), within(1e-4f));
      }
    }
    assertThatThrownBy(
            () ->
                OnnxExport.save(
                    trained.weights(), trained.policy(), folder.resolve("no/lenet5.onnx")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("does not exist");
    assertThat(Files.size(file)).isLessThan(300_000);
  }

  @Test
  void theMessageNamesTheEngineThatIsTested() {
    assertThat(Inference.ARTIFACT).endsWith(":" + OrtEnvironment.getEnvironment().getVersion());
  }

  @Test
  void withoutTheEngineThereIsAClearErrorAndWeightsStillWork() throws Exception {
    ClassLoader without = new WithoutEngine(TrainedTest.class.getClassLoader());
    Class<?> type = Class.forName("org.dlaclab.infer.Trained", true, without);
    Object trained = type.getMethod("load", String.class).invoke(null, "lenet5");
    Object images = type.getMethod("images").invoke(trained);

    assertThatThrownBy(() -> type.getMethod("predict", images.getClass()).invoke(trained, images))
        .cause()
        .hasMessageContaining("ONNX Runtime, which is not on the class path")
        .hasMessageContaining("./dlac fetch onnxruntime")
        .hasMessageContaining(Inference.ARTIFACT)
        .hasNoCause();

    Object network = type.getMethod("network").invoke(trained);
    Object policy = type.getMethod("policy").invoke(trained);
    Object source = type.getMethod("images", int.class).invoke(trained, 1);
    Object operands =
        source
            .getClass()
            .getMethod("bind", network.getClass(), policy.getClass())
            .invoke(source, network, policy);
    Class<?> interfaces = Class.forName("org.dlaclab.operand.Operands", true, without);
    List<?> layers = (List<?>) network.getClass().getMethod("gridLayers").invoke(network);
    Object mask =
        interfaces.getMethod("weights", layers.get(0).getClass()).invoke(operands, layers.get(0));
    assertThat(mask).hasToString("mask 6 x 25, density 1.000");
    assertThatThrownBy(() -> interfaces.getMethod("sample", int.class).invoke(operands, 0))
        .cause()
        .hasMessageContaining("./dlac fetch onnxruntime");
  }

  /** Loads DLAC Lab anew, for a class path that lacks ONNX Runtime. */
  private static final class WithoutEngine extends ClassLoader {
    WithoutEngine(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("ai.onnxruntime.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("org.dlaclab.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (var in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (java.io.IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
