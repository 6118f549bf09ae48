// install() of an instruction-set folder, which its install.cc includes: installs the kernels of
// each family of the list. cmake/isa.cmake defines, by the list of folders in CMakeLists.txt:
//
//   EDGEBIN_ISA_NAMESPACE  the folder and its namespace
//   EDGEBIN_BASE           of a folder that has some of the families only: the folder that has all
//   EDGEBIN_FAMILIES       X(family)X(family)...: those that replace the families of the base
#ifndef EDGEBIN_FAMILIES
#define EDGEBIN_FAMILIES EDGEBIN_KERNEL_FAMILIES(X)
#endif

#ifdef EDGEBIN_BASE
namespace edgebin::kernels::EDGEBIN_BASE {

void install(Kernels& kernels);

}  // namespace edgebin::kernels::EDGEBIN_BASE
#endif

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {

#define X(family) void install_##family(Kernels& kernels);
EDGEBIN_FAMILIES
#undef X

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install(Kernels& kernels) {
#ifdef EDGEBIN_BASE
  EDGEBIN_BASE::install(kernels);
#endif
#define X(family) install_##family(kernels);
  EDGEBIN_FAMILIES
#undef X
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE
