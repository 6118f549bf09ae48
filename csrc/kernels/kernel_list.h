// The one list of kernels. It makes the members of Kernels (kernels.h), the sources of each
// instruction-set folder (cmake/isa.cmake) and their installation (generic/install.h). A family
// without its FAMILY.cc and FAMILY_test.cc is not configured; a kernel without its entry in
// tests/fuzz/kernels.cc and benchmarks/kernels/bare.cc does not compile there.
#ifndef EDGEBIN_KERNELS_KERNEL_LIST_H_
#define EDGEBIN_KERNELS_KERNEL_LIST_H_

// X(family): kernels that share a file. A folder has FAMILY.cc, which defines
// install_FAMILY(Kernels&); tests/cpp/kernels has FAMILY_test.cc.
#define EDGEBIN_KERNEL_FAMILIES(X) \
  X(bit_serial)                    \
  X(u8s8)                          \
  X(f32)                           \
  X(lookup)                        \
  X(threshold)                     \
  X(epilogue)                      \
  X(pool)                          \
  X(depthwise)                     \
  X(depthwise_f32)                 \
  X(reduce)                        \
  X(elementwise)

// X(kernel, type): a member of Kernels. Kernels::lookups are not among them, for an implementation
// may have several, or none.
#define EDGEBIN_KERNELS(X)                    \
  X(bit_serial, BitSerialFn)                  \
  X(u8s8, U8s8Fn)                             \
  X(f32, F32Fn)                               \
  X(threshold_i16, ThresholdFn<std::int16_t>) \
  X(threshold_i32, ThresholdFn<std::int32_t>) \
  X(epilogue_i16, EpilogueFn<std::int16_t>)   \
  X(epilogue_i32, EpilogueFn<std::int32_t>)   \
  X(epilogue_f32, EpilogueFn<float>)          \
  X(max, MaxFn)                               \
  X(max_sum, MaxSumFn)                        \
  X(mean, MeanFn)                             \
  X(expand, ExpandFn)                         \
  X(depthwise_codes, DepthwiseCodesFn)        \
  X(depthwise_u8, DepthwiseU8Fn)              \
  X(depthwise_f32, DepthwiseF32Fn)            \
  X(sum_rows, RowsFn)                         \
  X(max_rows, RowsFn)                         \
  X(sum_channels, PixelsFn)                   \
  X(max_channels, PixelsFn)                   \
  X(argmax, PixelsFn)                         \
  X(l2_normalize, L2NormalizeFn)              \
  X(moment_rows, MomentFn)                    \
  X(group_norm, GroupNormFn)                  \
  X(layer_norm, LayerNormFn)                  \
  X(exp, UnaryFn)                             \
  X(sigmoid, UnaryFn)                         \
  X(tanh, UnaryFn)                            \
  X(silu, UnaryFn)                            \
  X(gelu, UnaryFn)                            \
  X(gelu_tanh, UnaryFn)                       \
  X(hard_sigmoid, UnaryFn)                    \
  X(hard_swish, UnaryFn)                      \
  X(clamp, ClampFn)                           \
  X(elu, EluFn)                               \
  X(prelu, PreluFn)                           \
  X(add, BinaryFn)                            \
  X(sub, BinaryFn)                            \
  X(mul, BinaryFn)

#endif  // EDGEBIN_KERNELS_KERNEL_LIST_H_
