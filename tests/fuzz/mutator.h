// A libFuzzer mutator for model files, which knows their fields: it replaces numbers by hostile
// ones, and adds and removes strings and list items together with their counts. Every second
// mutation is libFuzzer's own.
#ifndef EDGEBIN_TESTS_FUZZ_MUTATOR_H_
#define EDGEBIN_TESTS_FUZZ_MUTATOR_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace edgebin::fuzz {

// The fuzzer's bytes with size and checksum made right, which it could not guess.
std::vector<std::byte> sealed(const std::uint8_t* data, std::size_t size);

}  // namespace edgebin::fuzz

#endif  // EDGEBIN_TESTS_FUZZ_MUTATOR_H_
