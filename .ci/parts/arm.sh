# ARM in an emulator: C++ tests on 64-bit and 32-bit cores, the programs without Python, and the
# instructions that an image takes. Whole networks and random layers hold every kernel to the oracle;
# what depends on no machine is tested on this one.
need_corpus
export EDGEBIN_ATTACK_EVERY=1800 EDGEBIN_LAYERS=100 EDGEBIN_CORPUS_EVERY=6

# arm_tests PRESET FOLDER...: builds and runs the tests of these folders of tests/cpp. An emulator
# orders accesses to memory as this machine does, where threads are tested already.
arm_tests() {
  build "$1" --target edgebin-run $(printf "edgebin_%s_test " "${@:2}")
  cpp_tests "$1" -R "^($(IFS='|' && echo "${*:2}"))\\." -E '\.Sharing\.TenThreads'
}

step "C++ tests, 64-bit ARM without SDOT"
QEMU_CPU=cortex-a53 arm_tests aarch64 kernels ops runtime attack layers
step "C++ tests of what SDOT computes" # the others run the same instructions on every core
QEMU_CPU=cortex-a76 cpp_tests aarch64 -R 'neon_dot|^(layers|ops)\.'
step "C++ tests, 32-bit ARM"
QEMU_CPU=max arm_tests armv7 runtime attack layers

step "edgebin-run, 64-bit ARM"
static_program static-aarch64 aarch64-linux-gnu- "qemu-aarch64-static -cpu cortex-a53"
step "instructions of an image on 64-bit ARM, no more than they were"
python benchmarks/arm_model.py --program "$work/static-aarch64/csrc/cli/edgebin-run" \
  --check benchmarks/results/arm-model.json
step "edgebin-run, 32-bit ARM"
static_program static-armv7 arm-linux-gnueabihf- qemu-arm-static
