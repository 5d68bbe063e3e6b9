#!/usr/bin/env bash
# Builds and runs the JMH benchmarks; arguments go to JMH, for example: dsl/bench.sh -p network=resnet50 -f 1
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
mvn -q -f "$here/../pom.xml" -Pbench -pl dsl -am -DskipTests package
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
exec "$java" -cp "$here/target/test-classes:$here/target/classes:$here/target/bench-lib/*" org.openjdk.jmh.Main "$@"
