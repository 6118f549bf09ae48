# C++ tests under the address, undefined-behaviour and thread sanitizers; malformed files; each
# fuzzer for a short time.
need_corpus
export EDGEBIN_ATTACK_EVERY=600 EDGEBIN_LAYERS=40 EDGEBIN_CORPUS_EVERY=6

step "C++ tests and fuzzers, address and undefined-behaviour sanitizers" # one build for both
build fuzz -DEDGEBIN_BUILD_TESTS=ON
cpp_tests fuzz
step "C++ tests with threads, thread sanitizer" # the others start none
threaded=(base c_api layers runtime)
build tsan --target $(printf "edgebin_%s_test " "${threaded[@]}")
# Fingerprints are compared by one thread. The corpus runs on the first and the last instruction set
# and on AVX2; the others share their algorithms.
cpp_tests tsan -R "^($(IFS='|' && echo "${threaded[*]}"))\." \
  -E '^runtime\.(Fingerprint|Isa/Corpus\.EqualsTheOracle/(avx512|avx_vnni))'
step "malformed files under the address and undefined-behaviour sanitizers"
EDGEBIN_ATTACK_EVERY=96 results_of_two "$work/fuzz/tests/cpp/attack/edgebin_attack_test"
step "fuzzers, a short run"
python tests/fuzz/long_run.py "$work/fuzz" --seeds "$EDGEBIN_CORPUS" --seconds 10 --jobs "$jobs" \
  --corpus "$work/fuzz-corpus" --findings "$work/findings" || {
  tail -n 50 "$work"/findings/*.log
  exit 1
}
