# ARM in an emulator: C++ tests on 64-bit and 32-bit cores, the programs without Python, the
# instructions that an image takes, and the wheel for 64-bit ARM.
need_corpus
export EDGEBIN_ATTACK_EVERY=600 EDGEBIN_LAYERS=40

build aarch64
step "C++ tests, 64-bit ARM without SDOT"
QEMU_CPU=cortex-a53 cpp_tests aarch64
step "C++ tests of what SDOT computes" # the others run the same instructions on every core
QEMU_CPU=cortex-a76 cpp_tests aarch64 -R 'neon_dot|^(layers|ops)\.'
step "C++ tests, 32-bit ARM"
build armv7
QEMU_CPU=max cpp_tests armv7

step "edgebin-run, 64-bit ARM"
static_program static-aarch64 aarch64-linux-gnu- "qemu-aarch64-static -cpu cortex-a53"
step "instructions of an image on 64-bit ARM, no more than they were"
python benchmarks/arm_model.py --program "$work/static-aarch64/csrc/cli/edgebin-run" \
  --check benchmarks/results/arm-model.json
step "edgebin-run, 32-bit ARM"
static_program static-armv7 arm-linux-gnueabihf- qemu-arm-static

# Kernels and operators have been held to the oracle above, commands are those of any machine: here
# the wheel loads, runs and verifies models.
step "a wheel for 64-bit ARM, on an emulated core of ARMv8.0"
( # ccache does not know zig
  unset CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER
  python wheels/build_wheels.py --machine aarch64 --python 3.11 --build-dir "$work/arm" \
    --output "$work/wheels"
)
python wheels/try_wheels.py --core cortex-a53 --tests runtime --work-dir "$work/arm/try" \
  "$work"/wheels/*aarch64.whl || {
  tail -n 100 "$work"/arm/try/*.log
  exit 1
}
