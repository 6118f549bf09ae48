# One folder of csrc/kernels/ and the flags that only it may be compiled with.
#
# edgebin_isa(avx2 -mavx2) compiles csrc/kernels/avx2/*.cc (the same file names in every folder)
# into an object library, adds it to edgebin_kernels and tells dispatch.cc that it is there by
# defining EDGEBIN_HAVE_AVX2.
set(EDGEBIN_KERNEL_FILES bit_serial byte finish lookup pool real threshold install)

function(edgebin_isa name)
  list(TRANSFORM EDGEBIN_KERNEL_FILES PREPEND ${name}/ OUTPUT_VARIABLE sources)
  list(TRANSFORM sources APPEND .cc)
  add_library(edgebin_isa_${name} OBJECT ${sources})
  target_compile_options(edgebin_isa_${name} PRIVATE ${ARGN})
  target_sources(edgebin_kernels PRIVATE $<TARGET_OBJECTS:edgebin_isa_${name}>)
  set_property(GLOBAL APPEND PROPERTY EDGEBIN_ISA_LIBRARIES edgebin_isa_${name})
  string(TOUPPER ${name} upper)
  target_compile_definitions(edgebin_kernels PRIVATE EDGEBIN_HAVE_${upper})
endfunction()
