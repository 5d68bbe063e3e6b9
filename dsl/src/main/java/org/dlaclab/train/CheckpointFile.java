package org.dlaclab.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.SafeTensors;
import org.dlaclab.tensor.Tensor;

/**
 * A {@link State} in a safetensors file: the tensors with a prefix for what they are, the rest as
 * JSON in the metadata, with what it is a state of.
 */
record CheckpointFile(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VALUES = "values/";
  private static final String VELOCITIES = "velocities/";
  private static final String CODES = "codes/";
  private static final String BEST = "best/";

  /** What {@link State.Best} has besides its tensors. */
  record BestRow(int epoch, Stage stage, double error, Map<String, Double> thresholds) {}

  /** Writes the whole state, or leaves the file as it was. */
  void write(Training training) {
    Job job = training.job();
    State state = training.state();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, VALUES, state.values());
    put(tensors, VELOCITIES, state.velocities());
    put(tensors, CODES, state.codes());
    Map<String, String> metadata = new LinkedHashMap<>(identity(job));
    metadata.put("position", json(state.position()));
    metadata.put("history", json(state.history()));
    state
        .best()
        .ifPresent(
            best -> {
              put(tensors, BEST, best.values());
              metadata.put(
                  "best",
                  json(new BestRow(best.epoch(), best.stage(), best.error(), best.thresholds())));
            });
    SafeTensors.of(tensors, metadata).write(file);
  }

  /**
   * The state in the file, if there is one.
   *
   * @throws DlacException if it is of another training, or cannot be read
   */
  Optional<State> read(Job job) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    SafeTensors found = SafeTensors.read(file);
    Map<String, String> metadata = found.metadata();
    identity(job)
        .forEach(
            (key, value) -> {
              String there = metadata.getOrDefault(key, "(nothing)");
              if (!there.equals(value)) {
                throw new DlacException(
                    "checkpoint " + file + " is of another training: its " + key + " is " + there,
                    value,
                    "use another file, or delete this one to begin anew");
              }
            });
    Map<String, Tensor> tensors = found.tensors();
    Optional<State.Best> best =
        Optional.ofNullable(metadata.get("best"))
            .map(text -> parse(text, new TypeReference<BestRow>() {}))
            .map(
                row ->
                    new State.Best(
                        row.epoch(),
                        row.stage(),
                        row.error(),
                        row.thresholds(),
                        take(tensors, BEST)));
    return Optional.of(
        new State(
            parse(metadata.getOrDefault("position", ""), new TypeReference<State.Position>() {}),
            take(tensors, VALUES),
            take(tensors, VELOCITIES),
            take(tensors, CODES),
            best,
            parse(metadata.getOrDefault("history", ""), new TypeReference<List<Epoch>>() {})));
  }

  private static Map<String, String> identity(Job job) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("network", job.network().name());
    identity.put("layers", Integer.toHexString(job.network().nodes().toString().hashCode()));
    identity.put("policy", job.policy().toString());
    identity.put("recipe", job.recipe().toString());
    identity.put(
        "data", job.data() + " " + job.data().provenance() + " " + job.data().normalization());
    return identity;
  }

  private static void put(Map<String, Tensor> all, String prefix, Map<String, Tensor> tensors) {
    tensors.forEach((name, tensor) -> all.put(prefix + name, tensor));
  }

  private static Map<String, Tensor> take(Map<String, Tensor> all, String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    all.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            tensors.put(name.substring(prefix.length()), tensor);
          }
        });
    return tensors;
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of numbers and texts are JSON", e);
    }
  }

  <T> T parse(String text, TypeReference<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new DlacException(
          "checkpoint " + file + " has no sound state: " + e.getOriginalMessage(),
          "a file that checkpoint(...) wrote",
          "use another file, or delete this one to begin anew",
          e);
    }
  }
}
