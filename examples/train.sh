#!/bin/sh
# Trains the networks that DLAC Lab ships, or checks them. Builds first; the first build downloads PyTorch (120 MB).
set -eu

usage() {
  cat <<'END'
train.sh lenet5|resnet20 [--option value]...   train; writes NETWORK.safetensors
train.sh evaluate lenet5|resnet20 [...]        test accuracy of a file of weights, against its stamp
train.sh images [...]                          write the 32 sample images

Each says its options when it gets a wrong one, such as --help.
END
}

case "${1:-}" in
  lenet5 | resnet20) program=Train ;;
  evaluate) program=Evaluate; shift ;;
  images) program=SampleImages; shift ;;
  *) usage; exit 2 ;;
esac

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
echo "building (the log is examples/target/app/train-build.log)" >&2
mkdir -p "$root/examples/target/app"
if ! mvn -B -f "$root/pom.xml" -Ptrain -Dquick -DskipTests -pl examples -am package \
    >"$root/examples/target/app/train-build.log" 2>&1; then
  tail -n 30 "$root/examples/target/app/train-build.log" >&2
  exit 1
fi

# Threads that wait for work sleep: spinning, they would take the cores from other programs.
export OMP_WAIT_POLICY=PASSIVE
# And glibc keeps the memory of one step for the next; see ./dlac.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
exec "$java" --enable-native-access=ALL-UNNAMED -cp "$root/examples/target/app/classes:$(cat "$root/examples/target/app/train.classpath")" \
  "org.dlaclab.examples.training.$program" "$@"
