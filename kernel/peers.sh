#!/usr/bin/env bash
# Installs the other Java kernels that Maven Central has as kernelspecs in FOLDER/kernels, to measure beside ours:
#
#   kernel/peers.sh FOLDER
#   JUPYTER_PATH=FOLDER kernel/measure.py dlac rapaio python3
#
# JJava's and IJava's kernels are not there. Where JJava was built from its source, JJAVA_JAR names its kernel's jar.
set -euo pipefail
mkdir -p "${1:?usage: peers.sh FOLDER}/kernels"
folder=$(cd "$1" && pwd)

# spec NAME DISPLAY_NAME COMMAND...: a kernelspec of a command, to which the connection file is added.
spec() {
  local name=$1 display=$2
  shift 2
  mkdir -p "$folder/kernels/$name"
  local words=''
  for word in "$@"; do words+="\"$word\", "; done
  printf '{"argv": [%s"{connection_file}"], "display_name": "%s", "language": "java", "interrupt_mode": "message"}\n' \
    "$words" "$display" >"$folder/kernels/$name/kernel.json"
}

# Its classes want the newest JDK.
java=java
for home in /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if grep -qs '^JAVA_VERSION="2[5-9]' "$home/release"; then java=$home/bin/java; fi
done
mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=io.github.padreati:rapaio-jupyter-kernel:3.0.1 -DoutputDirectory="$folder" -Dmdep.stripVersion
spec rapaio 'rapaio-jupyter-kernel 3.0.1' "$java" -jar "$folder/rapaio-jupyter-kernel.jar"
if [ -n "${JJAVA_JAR:-}" ]; then
  spec jjava 'JJava' "$java" --add-opens=jdk.jshell/jdk.jshell=ALL-UNNAMED -jar "$JJAVA_JAR"
fi
