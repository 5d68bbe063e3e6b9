package org.dlaclab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void x() {
    assertThat(Runtime.version().feature()).isGreaterThanOrEqualTo(17);
  }
}
