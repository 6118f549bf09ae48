# ARM in an emulator: C++ tests on 64-bit and 32-bit cores, the programs without Python, and the
# instructions that an image takes. What a program's own tests see is left to the tests of programs.
need_corpus
export EDGEBIN_ATTACK_EVERY=1800 EDGEBIN_LAYERS=20 EDGEBIN_CORPUS_EVERY=6
tested=(base kernels ops runtime c_api attack layers)
targets=(edgebin-run $(printf "edgebin_%s_test " "${tested[@]}"))
# An emulator orders accesses to memory as this machine does, where threads are tested already.
arm_tests() {
  cpp_tests "$1" -R "^($(IFS='|' && echo "${tested[*]}"))\\." -E '\.Sharing\.TenThreads' "${@:2}"
}

step "C++ tests, 64-bit ARM without SDOT"
build aarch64 --target "${targets[@]}"
QEMU_CPU=cortex-a53 arm_tests aarch64
step "C++ tests of what SDOT computes" # the others run the same instructions on every core
QEMU_CPU=cortex-a76 cpp_tests aarch64 -R 'neon_dot|^(layers|ops)\.'
step "C++ tests, 32-bit ARM"
build armv7 --target "${targets[@]}"
QEMU_CPU=max arm_tests armv7

step "edgebin-run, 64-bit ARM"
static_program static-aarch64 aarch64-linux-gnu- "qemu-aarch64-static -cpu cortex-a53"
step "instructions of an image on 64-bit ARM, no more than they were"
python benchmarks/arm_model.py --program "$work/static-aarch64/csrc/cli/edgebin-run" \
  --check benchmarks/results/arm-model.json
step "edgebin-run, 32-bit ARM"
static_program static-armv7 arm-linux-gnueabihf- qemu-arm-static
