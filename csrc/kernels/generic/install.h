// install() of an instruction-set folder, which its install.cc includes: installs the kernels of
// each family of the list.
//
//   EDGEBIN_ISA_NAMESPACE  the folder and its namespace; cmake/isa.cmake defines it
//   EDGEBIN_BASE           of a folder that has some of the families only: the folder that has all
//   EDGEBIN_FAMILIES(X)    the families that replace those of the base
#ifndef EDGEBIN_FAMILIES
#define EDGEBIN_FAMILIES EDGEBIN_KERNEL_FAMILIES
#endif

#ifdef EDGEBIN_BASE
namespace edgebin::kernels::EDGEBIN_BASE {

void install(Kernels& kernels);

}  // namespace edgebin::kernels::EDGEBIN_BASE
#endif

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {

#define EDGEBIN_DECLARE(family) void install_##family(Kernels& kernels);
EDGEBIN_FAMILIES(EDGEBIN_DECLARE)

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install(Kernels& kernels) {
#ifdef EDGEBIN_BASE
  EDGEBIN_BASE::install(kernels);
#endif
#define EDGEBIN_INSTALL(family) install_##family(kernels);
  EDGEBIN_FAMILIES(EDGEBIN_INSTALL)
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE
