// Model files for targets that take them. Linked in, it gives libFuzzer a mutator that knows their
// fields: numbers become hostile ones, strings and list items come and go with the counts made
// right. Half of its turns are libFuzzer's own.
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
