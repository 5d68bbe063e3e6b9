package org.dlaclab.kernel.protocol;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs messages and checks their signatures. Any thread may use it.
 *
 * <p>JJava's {@code HMACGenerator} does not serve: it reads the key as ASCII, so that all other
 * characters count as the same; it makes threads wait for each other; and it has no comparison,
 * least of all one whose time tells nothing of the expected signature.
 */
final class Signature {
  private static final byte[] UNSIGNED = new byte[0];

  private final String algorithm;
  private final @Nullable SecretKeySpec key;

  /**
   * A signature with a key.
   *
   * @param scheme {@code hmac-} and a digest that the JDK has
   * @param key an empty one signs nothing and accepts all
   * @throws ConnectionException if the scheme is unknown
   */
  Signature(String scheme, String key) {
    this.algorithm = algorithm(scheme);
    this.key =
        key.isEmpty() ? null : new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm);
  }

  /** The JDK's name of the scheme: {@code hmac-sha3_256} is HmacSHA3-256. */
  private static String algorithm(String scheme) {
    String name = scheme.toLowerCase(Locale.ROOT);
    if (name.startsWith("hmac-")) {
      String digest = name.substring("hmac-".length());
      for (String candidate :
          List.of(
              digest,
              digest.replace('_', '-'),
              digest.replace('_', '/'),
              digest.replace("-", ""))) {
        try {
          return Mac.getInstance("Hmac" + candidate).getAlgorithm();
        } catch (NoSuchAlgorithmException e) {
          // The next spelling.
        }
      }
    }
    throw new ConnectionException(
        "The signature scheme is \""
            + scheme
            + "\"; expected one like hmac-sha256 or hmac-sha512.");
  }

  /** The signature of parts in this order, in hexadecimal digits. */
  byte[] of(List<byte[]> parts) {
    if (key == null) {
      return UNSIGNED;
    }
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(key);
      parts.forEach(mac::update);
      return HexFormat.of().formatHex(mac.doFinal()).getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a signature is that of the parts. */
  boolean matches(byte[] signature, List<byte[]> parts) {
    return key == null || MessageDigest.isEqual(signature, of(parts));
  }
}
