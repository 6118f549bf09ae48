# What the parts of .ci/run share; sourced by it. $work is its temporary folder.
jobs=$(nproc)

# Says what begins, how long everything before it took, and how much of that was CPU time.
step() {
  times >"$work/times" # "0m1.250s 0m0.010s" of the shell, then the same of all its commands
  local cpu
  cpu=$(awk -F'[ms ]+' 'NR == 2 { print int(60 * ($1 + $3) + $2 + $4) }' "$work/times")
  printf '\n=== %s (%d s, %d s of CPU)\n' "$1" "$SECONDS" "$cpu"
}

need_debian() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  if ((${#missing[@]})); then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

install_tools() {
  step "install"
  need_debian g++ cmake ninja-build libgtest-dev libgmock-dev g++-aarch64-linux-gnu \
    g++-arm-linux-gnueabihf qemu-user qemu-user-static llvm-19 pkg-config clang libclang-rt-dev \
    libbenchmark-dev python3-dev python3-venv ccache
  export CCACHE_DIR="$work/ccache" CCACHE_BASEDIR="$work"
  # The package is built without -Werror, the tests with it; its warnings are the same.
  export CCACHE_IGNOREOPTIONS=-Werror
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CC=gcc CXX=g++ # CMake and scikit-build-core would each take another name of the same
  python3 -m venv "$work/venv"
  PATH="$work/venv/bin:$PATH"
  hash -r
  unpack_sdist
  pip install --quiet --config-settings build-dir="$work/package" "$work/sources[lint,wheels]"
  # All other builds are made of the same sources, and take what this one compiled.
  cp -r tests benchmarks "$work/sources"
}

# The package is installed from its source distribution alone, so that all that follows tests that
# too.
unpack_sdist() {
  pip install --quiet 'scikit-build-core>=1.1'
  python -c 'import sys, scikit_build_core.build as backend; backend.build_sdist(sys.argv[1])' \
    "$work/sdist" >"$work/log" || {
    cat "$work/log"
    exit 1
  }
  mkdir "$work/sources"
  tar -xzf "$work"/sdist/edgebin-*.tar.gz -C "$work/sources" --strip-components 1
}

# Runs a command; shows all its output if it failed, else the last line.
quietly() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
  }
  tail -n 1 "$work/log"
}

# Runs a test program; shows all its output if it failed, else the lines that state results.
results() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
  }
  grep -E '^[A-Za-z]+: |^[0-9]+ ' "$work/log"
}

# The same in two processes, each with half of the tests.
results_of_two() {
  local half processes=()
  for half in 0 1; do
    GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=$half "$@" >"$work/log$half" 2>&1 &
    processes+=($!)
  done
  for half in 0 1; do
    wait "${processes[half]}" || {
      cat "$work/log$half"
      exit 1
    }
    grep -E '^[A-Za-z]+: |^[0-9]+ ' "$work/log$half"
  done
}

# Configures and builds a preset in $work/PRESET: build PRESET [-DOPTION=VALUE]... [--target NAME...]
build() {
  local preset=$1 options=()
  shift
  while [[ ${1-} == -D* ]]; do
    options+=("$1")
    shift
  done
  quietly cmake -S "$work/sources" --preset "$preset" -B "$work/$preset" -G Ninja \
    -DEDGEBIN_WERROR=ON "${options[@]}"
  quietly cmake --build "$work/$preset" -j "$jobs" "$@"
}

cpp_tests() {
  quietly ctest --test-dir "$work/$1" --output-on-failure -j "$jobs" "${@:2}"
  grep 'tests passed' "$work/log"
}

# Networks, images and the oracle's outputs, which the C++ tests and the fuzzers read.
need_corpus() {
  export EDGEBIN_CORPUS="$work/corpus"
  [[ -d "$EDGEBIN_CORPUS" ]] || python tests/support/write_corpus.py "$EDGEBIN_CORPUS"
}

# edgebin-run of a preset: small, hardened, in agreement with the Python package. The prefix of the
# tools and the emulator are those of its machine.
static_program() {
  local preset=$1 tools=$2 emulator=$3
  build "$preset"
  local program="$work/$preset/csrc/cli/edgebin-run" bytes
  "${tools}strip" "$program"
  bytes=$(stat -c %s "$program")
  echo "$bytes bytes, expected less than 2000000"
  ((bytes < 2000000))
  python wheels/hardening.py "$program" "$work/$preset/compile_commands.json"
  EDGEBIN_RUN="$emulator $program" pytest -q -m "" tests/program
}
