package org.dlaclab.explore;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.quant.Quantizer;
import org.dlaclab.unit.Hertz;

/** One value of an {@link Axis}. */
public sealed interface Level {
  /** The value in short, such as {@code 16x32}. */
  String text();

  /** The value as a number; NaN if it is none. */
  default double number() {
    return Double.NaN;
  }

  private static double numberOf(Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /**
   * A network.
   *
   * @param value its name, or what it was made of
   */
  record OfNetwork(Object value, Network network) implements Level {
    @Override
    public String text() {
      return String.valueOf(value);
    }

    @Override
    public double number() {
      return numberOf(value);
    }
  }

  /** A value that makes no network: each point with it fails, and says why. */
  record NoNetwork(Object value, DlacException why) implements Level {
    @Override
    public String text() {
      return String.valueOf(value);
    }

    @Override
    public double number() {
      return numberOf(value);
    }
  }

  /** A policy. */
  record OfPolicy(Policy policy) implements Level {
    @Override
    public String text() {
      return policy.name();
    }
  }

  /** What the policy does to the weights that no rule of it is about. */
  record OfWeights(Quantizer quantizer) implements Level {
    @Override
    public String text() {
      return quantizer.toString();
    }
  }

  /** What the policy does to the weights of one layer, whatever its rules say. */
  record OfLayer(String layer, Quantizer quantizer) implements Level {
    @Override
    public String text() {
      return quantizer.toString();
    }
  }

  /** What the policy does to all ReLUs, after its own rules. */
  record OfActivations(Policy.Activation activation) implements Level {
    @Override
    public String text() {
      return activation instanceof Policy.Threshold t
          ? BigDecimal.valueOf(t.value()).stripTrailingZeros().toPlainString()
          : activation.toString();
    }

    @Override
    public double number() {
      return activation instanceof Policy.Threshold t
          ? t.value()
          : activation instanceof Policy.KBit k ? k.bits() : Double.NaN;
    }
  }

  /** A whole grid. */
  record OfGrid(Grid grid) implements Level {
    @Override
    public String text() {
      return grid.name();
    }
  }

  /** One parameter of the grid. */
  record OfParameter(Grid.Option option) implements Level {
    @Override
    public String text() {
      Object value = value();
      return value == option ? option.toString() : String.valueOf(value);
    }

    @Override
    public double number() {
      Object value = value();
      return value instanceof Number number
          ? number.doubleValue()
          : value instanceof Hertz clock ? clock.value() : Double.NaN;
    }

    /** What an option of one part holds; the option itself, if it has more. */
    private Object value() {
      RecordComponent[] parts = option.getClass().getRecordComponents();
      if (parts.length != 1) {
        return option;
      }
      try {
        return parts[0].getAccessor().invoke(option);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("options are public records", e);
      }
    }
  }

  /** The tensors to simulate. */
  record OfTensors(Source tensors) implements Level {
    @Override
    public String text() {
      return tensors.toString();
    }
  }
}
