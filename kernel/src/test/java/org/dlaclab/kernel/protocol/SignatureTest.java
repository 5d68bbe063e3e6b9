package org.dlaclab.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures against those that Python's hmac module makes. */
class SignatureTest {
  // python3 -c 'import hmac; print(hmac.new("ключ".encode(), b"onetwo", "sha256").hexdigest())'
  @ParameterizedTest
  @CsvSource({
    "hmac-sha256, 99f9b6511bf1e94219a67061206965d140fe125b3c2a37ef0c30b2421f6eccca",
    "hmac-sha512, bd6c4ee87a024439e493c2df825398e694be0fe1fa57e7ae37e2e9732852890f64f6b80d323a48059ca926f2c5957c7ced54701bfb2976a928b02fa48b987c40",
    "hmac-sha1, 69f992f683e21671a70992fc54af4d3657648574",
    "hmac-md5, 4d7b89d508b409987e4447699742fcf3",
    "hmac-sha384, 333542de0a7ae327ee73b2ea91666c2f8464fd026d1f703b00434cd09a919722c672b94dac793d6e47136c469eb37071",
    "hmac-sha3_256, 16220850f6e5150b89429217543d68462b250e00cc64acd4199dbaec19a297b2"
  })
  void aSignatureIsThatOfPython(String scheme, String expected) {
    Signature signature = new Signature(scheme, "ключ");
    List<byte[]> parts = List.of(bytes("one"), bytes("two"));
    assertThat(signature.of(parts)).isEqualTo(bytes(expected));
    assertThat(signature.matches(bytes(expected), parts)).isTrue();
    assertThat(signature.matches(bytes(expected), List.of(bytes("one"), bytes("TWO")))).isFalse();
    assertThat(signature.matches(new byte[0], parts)).isFalse();
    assertThat(new Signature(scheme, "клич").matches(bytes(expected), parts)).isFalse();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
