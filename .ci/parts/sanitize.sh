# C++ tests under the address, undefined-behaviour and thread sanitizers; malformed files; each fuzzer
# for a short time.
need_corpus
export EDGEBIN_ATTACK_EVERY=600 EDGEBIN_LAYERS=40

for preset in asan tsan; do
  step "C++ tests, $preset"
  build "$preset"
  cpp_tests "$preset"
done
step "malformed files under the address and undefined-behaviour sanitizers"
EDGEBIN_ATTACK_EVERY=8 results "$work/asan/tests/cpp/attack/edgebin_attack_test"
step "fuzzers, a short run"
build fuzz
python tests/fuzz/long_run.py "$work/fuzz" --seeds "$EDGEBIN_CORPUS" --seconds 20 \
  --corpus "$work/fuzz-corpus" --findings "$work/findings" || {
  tail -n 50 "$work"/findings/*.log
  exit 1
}
