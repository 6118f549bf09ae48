# C++ on this machine: the tests on a corpus that the oracle made; a kernel made wrong, which must
# be found; malformed files; random layers on every kernel; the benchmark of kernels, once; the
# program without Python; the installed library, static and shared.
need_corpus
export EDGEBIN_ATTACK_EVERY=600 EDGEBIN_LAYERS=40 # a sample in every build; more of it below

step "C++ tests"
build release
cpp_tests release
step "a planted fault is found"
build planted
cpp_tests planted
step "malformed files, as users would meet them"
EDGEBIN_ATTACK_EVERY=4 results_of_two "$work/release/tests/cpp/attack/edgebin_attack_test" \
  --gtest_filter='Attack.*:Turns.*'
step "random layers on every kernel"
mkdir "$work/layers"
EDGEBIN_LAYERS=800 EDGEBIN_LAYERS_FROM=1000 EDGEBIN_LAYERS_WRITTEN="$work/layers" \
  results "$work/release/tests/cpp/layers/edgebin_layers_test"
python tests/soak/check_layers.py "$work/layers"
step "the benchmark of kernels, built and run once"
# ccache finds what other builds compiled only where they are made by the same generator.
CMAKE_GENERATOR=Ninja quietly python "$work/sources/benchmarks/kernels.py" --rounds 1 \
  --filter '64->64@8' --build-dir "$work/benchmarks" --output "$work/kernels.json"

step "edgebin-run, this machine"
static_program static "" ""
step "the installed library, static and shared"
EDGEBIN_BUILD="$work/release" pytest -q -n 0 -m "" tests/install
quietly cmake -S "$work/sources" --preset release -B "$work/shared" -G Ninja -DBUILD_SHARED_LIBS=ON \
  -DEDGEBIN_BUILD_TESTS=OFF
quietly cmake --build "$work/shared" -j "$jobs"
EDGEBIN_BUILD="$work/shared" pytest -q -n 0 -m "" tests/install
