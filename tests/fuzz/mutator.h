// A mutator of model files that knows their fields: numbers become hostile ones, strings and list
// items come and go with the counts made right. Half of its turns are libFuzzer's own.
#ifndef EDGEBIN_TESTS_FUZZ_MUTATOR_H_
#define EDGEBIN_TESTS_FUZZ_MUTATOR_H_

#include <cstddef>
#include <cstdint>

namespace edgebin::fuzz {

// As LLVMFuzzerCustomMutator.
std::size_t mutate_model(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);

}  // namespace edgebin::fuzz

#endif  // EDGEBIN_TESTS_FUZZ_MUTATOR_H_
