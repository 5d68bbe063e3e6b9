package org.dlaclab.data;

/**
 * Random numbers without a state: each is a function of a seed and of what it is for, so that any
 * of them can be had again without the ones before it, on any thread.
 *
 * <p>The mixing function is the output function of SplitMix64 (Steele, Lea and Flood, "Fast
 * Splittable Pseudorandom Number Generators", OOPSLA 2014, section 4).
 */
final class Draw {
  /** What a number is drawn for; each has a sequence of its own. */
  enum Purpose {
    ORDER(1),
    CROP_ROW(2),
    CROP_COLUMN(3),
    FLIP(4),
    HOLD(5);

    /** Fixed for good: a resumed training must draw what it drew before. */
    private final long number;

    Purpose(long number) {
      this.number = number;
    }
  }

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long key;

  /** The sequence for {@code purpose} of round (epoch, class) {@code round}. */
  Draw(long seed, Purpose purpose, int round) {
    this.key =
        mix(
            mix(seed + GOLDEN)
                ^ mix((purpose.number << 32 | Integer.toUnsignedLong(round)) + GOLDEN));
  }

  /** The number at {@code index} of the sequence: 0 to {@code bound - 1}, all as likely. */
  int below(int bound, int index) {
    // The high bits of a product; its bias is below bound / 2^32.
    return (int) (((mix(key + (index + 1) * GOLDEN) >>> 32) * bound) >>> 32);
  }

  /** Shuffles {@code values} with the numbers of this sequence (Fisher and Yates). */
  void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = below(i + 1, i);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
