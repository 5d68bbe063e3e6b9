# The Jupyter part of ./dlac, which reads this file: finds or makes a Jupyter, and starts it with the kernel.
# shellcheck shell=bash disable=SC2154 # root, target, stamp, java and engine_env are the launcher's

jupyter_env=${XDG_CACHE_HOME:-$HOME/.cache}/dlac-lab/jupyter

# The kernel's program: kernel_main ARGUMENT...
kernel_main() {
  "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true -cp "$(class_path)" \
    org.dlaclab.kernel.app.Main "$@"
}

# As ./dlac starts things; Jupyter starts a kernel without it.
install_kernel() {
  local options=(--jvm-arg "-Ddlac.home=$root" --jvm-arg -Dai.djl.offline=true) variable
  for variable in "${engine_env[@]}"; do
    options+=(--env "$variable")
  done
  kernel_main install "${options[@]}" "$@"
}

# The kernel of this build, for ./dlac lab and ./dlac notebook: in no folder of the user's, installed again after a build
# and when an engine was fetched.
prepare_kernel() {
  local prefix=$target/jupyter spec=$target/jupyter/share/jupyter/kernels/dlac/kernel.json
  # The tour looks at real activations.
  [ -n "$(engine_jar)" ] || fetch_engine
  if [ ! "$spec" -nt "$stamp" ] || [ -n "$(find "$target/engine" -newer "$spec" | head -n 1)" ]; then
    say 'preparing the kernel'
    install_kernel --prefix "$prefix" >&2
  fi
  export JUPYTER_PATH=$prefix/share/jupyter${JUPYTER_PATH:+:$JUPYTER_PATH}
}

# A Python that can make environments.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# Installs JupyterLab where only this project uses it. Without success nothing is left behind.
make_environment() {
  local python pid begin=$SECONDS code=0 shown=0
  python=$(find_python) ||
    die 'no Jupyter found, and no Python 3.9 or later with venv to install one (Debian and Ubuntu: apt-get install jupyter-notebook, or python3-venv; macOS: brew install jupyterlab)'
  say "no Jupyter found: installing JupyterLab for this project alone, in $jupyter_env (about 300 MB, once)"
  rm -rf "$jupyter_env"
  mkdir -p "$jupyter_env"
  {
    "$python" -m venv "$jupyter_env" &&
      "$jupyter_env/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --timeout 60 \
        jupyterlab nbclient
  } >"$jupyter_env.log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true; rm -rf "$jupyter_env"; [ ! -t 2 ] || printf "\n" >&2; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5
    if [ -t 2 ]; then
      printf '\r\033[K%d packages found, %d s: %.60s' "$(grep -c '^Collecting' "$jupyter_env.log" || true)" \
        "$((SECONDS - begin))" "$(tail -n 1 "$jupyter_env.log")" >&2
    elif [ $((SECONDS - begin)) -ge $((shown + 15)) ]; then
      shown=$((SECONDS - begin))
      say "installing JupyterLab: $shown s"
    fi
  done
  wait "$pid" || code=$?
  trap - INT TERM
  [ ! -t 2 ] || printf '\r\033[K' >&2
  if [ "$code" -ne 0 ]; then
    say "JupyterLab could not be installed. The end of $jupyter_env.log:"
    tail -n 5 "$jupyter_env.log" >&2
    rm -rf "$jupyter_env"
    die 'install a Jupyter by other means, then try again (Debian and Ubuntu: apt-get install jupyter-notebook; or pip install jupyterlab)'
  fi
  say "installed in $((SECONDS - begin)) s"
}

# Prints the program of the front end: the user's own first, then this project's.
find_lab() {
  command -v jupyter-lab && return
  if [ -x "$jupyter_env/bin/jupyter-lab" ]; then
    printf '%s\n' "$jupyter_env/bin/jupyter-lab"
    return
  fi
  command -v jupyter-notebook
}

lab() {
  local program
  program=$(find_lab) || {
    make_environment
    program=$jupyter_env/bin/jupyter-lab
  }
  prepare_kernel
  case $program in
    *jupyter-notebook) say 'JupyterLab is not installed; this is Jupyter Notebook (JupyterLab: pip install jupyterlab)' ;;
  esac
  cd "$root/notebooks"
  exec "$program" "$@"
}

# Prints a Python that has nbclient.
find_client() {
  local candidate interpreter
  interpreter=$(sed -n '1s/^#! *\([^ ]*\)$/\1/p' "$(command -v jupyter 2>/dev/null || echo /dev/null)")
  for candidate in "$jupyter_env/bin/python" "$interpreter" python3 /usr/bin/python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import nbclient' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

notebook() {
  [ "${1:-}" = run ] && [ $# -gt 1 ] ||
    die "notebook what? Expected: ./dlac notebook run FILE [--output FILE | --check]" 2
  shift
  local python
  python=$(find_client) || {
    make_environment
    python=$jupyter_env/bin/python
  }
  prepare_kernel
  exec "$python" "$root/notebooks/run.py" "$@"
}

kernel() {
  case ${1:-} in
    install) install_kernel "${@:2}" ;;
    uninstall | doctor) kernel_main "$@" ;;
    *) die "kernel what? Expected: ./dlac kernel install | uninstall | doctor [--user | --prefix FOLDER | --system] [--name NAME]" 2 ;;
  esac
}
