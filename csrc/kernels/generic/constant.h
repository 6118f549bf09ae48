// A number that generic code passes to a template of the folder.
#ifndef EDGEBIN_KERNELS_GENERIC_CONSTANT_H_
#define EDGEBIN_KERNELS_GENERIC_CONSTANT_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

// An int known at compile time: `[](auto count) { tile<count>(); }` takes one.
template <int kValue>
struct Constant {
  constexpr operator int() const { return kValue; }
};

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_CONSTANT_H_
