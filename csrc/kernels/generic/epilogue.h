// The epilogue of a task by the parts that it has. The folder's epilogue.cc defines
//
//   template <class Sum, bool kAdds, bool kStores, bool kCodes>
//   void epilogue_of(const EpilogueTask<Sum>& task);
//
// of a task with an addend (kAdds), values to store (kStores) and codes to store (kCodes).
#ifndef EDGEBIN_KERNELS_GENERIC_EPILOGUE_H_
#define EDGEBIN_KERNELS_GENERIC_EPILOGUE_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

template <class Sum, bool kAdds>
void epilogue_stores(const EpilogueTask<Sum>& task) {
  if (task.sign == nullptr) {
    epilogue_of<Sum, kAdds, true, false>(task);
  } else if (task.y == nullptr) {
    epilogue_of<Sum, kAdds, false, true>(task);
  } else {
    epilogue_of<Sum, kAdds, true, true>(task);
  }
}

template <class Sum>
void epilogue(const EpilogueTask<Sum>& task) {
  if (task.added == nullptr) {
    epilogue_stores<Sum, false>(task);
  } else {
    epilogue_stores<Sum, true>(task);
  }
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_epilogue(Kernels& kernels) {
  kernels.epilogue_i16 = epilogue<std::int16_t>;
  kernels.epilogue_i32 = epilogue<std::int32_t>;
  kernels.epilogue_f32 = epilogue<float>;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_EPILOGUE_H_
