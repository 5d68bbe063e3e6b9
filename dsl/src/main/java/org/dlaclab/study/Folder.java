package org.dlaclab.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.data.Dataset;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.train.Recipe;
import org.dlaclab.train.TrainOption;
import org.dlaclab.train.Training;

/**
 * Finished trainings of a network, a safetensors file each. The name of a file has a digest of all
 * that the training depends on, and its stamp has those things themselves: a training is found by
 * what it is, whichever study asks, and never taken for another one.
 */
final class Folder {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the keys in a stamp that say which training it is. */
  private static final String PREFIX = "study.";

  private static final String OUTCOME = "outcome";
  private static final String SIMULATED = "simulated";

  /** Digits of the digest in a file's name: enough that a folder never holds two alike. */
  private static final int DIGITS = 12;

  private final Path path;
  private final Network network;
  private final Dataset data;
  private final String images;

  Folder(Path path, Network network, Dataset data) {
    this.path = path;
    this.network = network;
    this.data = data;
    this.images =
        String.join(
            " ",
            data.train().sha256(),
            data.test().sha256(),
            data.normalization().toString(),
            data.classes().toString());
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new DlacException(
          "the folder \"" + path + "\" of keepIn cannot be made: " + e,
          "a place where a folder can be",
          "choose another folder",
          e);
    }
  }

  /**
   * The place of a training.
   *
   * @param recipe with its seed
   */
  Entry entry(Policy policy, Recipe recipe) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put(PREFIX + "network", network.ifm() + " " + network.nodes());
    identity.put(PREFIX + "policy", policy.toJson());
    identity.put(PREFIX + "recipe", recipe.toString());
    identity.put(PREFIX + "data", data + " " + images);
    String name =
        (network.name() + "-" + policy.name()).replaceAll("[^A-Za-z0-9._-]+", "-")
            + "-seed"
            + recipe.seed()
            + "-"
            + sha256(identity.toString()).substring(0, DIGITS);
    return new Entry(name, identity, policy, recipe);
  }

  /** Where one training is kept, or will be. */
  final class Entry {
    private final String name;
    private final Map<String, String> identity;
    private final Policy policy;
    private final Recipe recipe;

    private Entry(String name, Map<String, String> identity, Policy policy, Recipe recipe) {
      this.name = name;
      this.identity = identity;
      this.policy = policy;
      this.recipe = recipe;
    }

    private Path file() {
      return path.resolve(name + ".safetensors");
    }

    /** Where the training is kept until it has finished. */
    TrainOption.Checkpoint checkpoint() {
      return new TrainOption.Checkpoint(path.resolve(name + ".checkpoint"));
    }

    /**
     * The training, if it is there.
     *
     * @throws DlacException if the file holds another one
     */
    Optional<Training> read() {
      if (!Files.exists(file())) {
        return Optional.empty();
      }
      Map<String, String> stamp = SafeTensors.read(file()).metadata();
      identity.forEach(
          (key, wanted) -> {
            String there = stamp.getOrDefault(key, "(nothing)");
            if (!there.equals(wanted)) {
              throw new DlacException(
                  file()
                      + " is of another training: its "
                      + key.substring(PREFIX.length())
                      + " is "
                      + there,
                  wanted,
                  "files of keepIn(...) keep their names: move this one away");
            }
          });
      return Optional.of(Training.read(file(), network, policy, data, recipe));
    }

    /** What the file says of this simulation of it, if anything. */
    Optional<Simulated> simulated(String on) {
      String text = SafeTensors.read(file()).metadata().get(SIMULATED);
      if (text == null) {
        return Optional.empty();
      }
      try {
        return Optional.of(JSON.readValue(text, Simulated.class)).filter(s -> s.on().equals(on));
      } catch (JsonProcessingException e) {
        // A simulation can be made again.
        return Optional.empty();
      }
    }

    /** Writes the file, whole or not at all; its checkpoint goes. */
    void keep(Training training, Simulated simulated) {
      Map<String, String> stamp = new LinkedHashMap<>(training.stamp());
      stamp.putAll(identity);
      stamp.put(OUTCOME, json(Outcome.of("", training, simulated)));
      if (!simulated.on().isEmpty()) {
        stamp.put(SIMULATED, json(simulated));
      }
      SafeTensors.of(training.weights().tensors(), stamp).write(file());
      try {
        Files.deleteIfExists(checkpoint().file());
      } catch (IOException e) {
        // It is in nobody's way.
      }
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of numbers and texts are JSON", e);
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
