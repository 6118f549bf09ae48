# One folder of csrc/kernels/ and the flags that only it may be compiled with.
#
# edgebin_isa(avx2 -mavx2) compiles csrc/kernels/avx2/*.cc (the same file names in every folder)
# into an object library, adds it to edgebin_kernels and tells dispatch.cc that it is there by
# defining EDGEBIN_HAVE_AVX2.
#
# edgebin_accepted_flag(dot -march=armv8.2-a+dotprod -mcpu=generic+dotprod) sets `dot` to the first
# of these flags that the compiler takes: compilers name one extension in different ways. It ends
# the configuration where none is taken, for a folder that is left out is found out on a board.
include(CheckCXXCompilerFlag)

set(EDGEBIN_KERNEL_FILES bit_serial byte finish lookup pool real threshold install)

function(edgebin_isa name)
  list(TRANSFORM EDGEBIN_KERNEL_FILES PREPEND ${name}/ OUTPUT_VARIABLE sources)
  list(TRANSFORM sources APPEND .cc)
  add_library(edgebin_isa_${name} OBJECT ${sources})
  target_compile_options(edgebin_isa_${name} PRIVATE ${ARGN})
  target_sources(edgebin_kernels PRIVATE $<TARGET_OBJECTS:edgebin_isa_${name}>)
  string(TOUPPER ${name} upper)
  target_compile_definitions(edgebin_kernels PRIVATE EDGEBIN_HAVE_${upper})
endfunction()

function(edgebin_accepted_flag result)
  foreach(flag IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "EDGEBIN_ACCEPTS${flag}" accepted)
    check_cxx_compiler_flag(${flag} ${accepted})
    if(${accepted})
      set(${result} ${flag} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER}: expected to accept one of ${ARGN}, found none")
endfunction()
