# One folder of csrc/kernels/ and the flags that only it may be compiled with.
#
# edgebin_isa(avx2 -mavx2) compiles csrc/kernels/avx2/*.cc (the same file names in every folder, but
# in those that build on another) into an object library, adds it to edgebin_kernels and tells
# dispatch.cc that it is there by defining EDGEBIN_HAVE_AVX2.
#
# edgebin_accepted_flag(dot -march=armv8.2-a+dotprod -mcpu=generic+dotprod) sets `dot` to the first
# of these flags that the compiler takes: compilers name one extension in different ways. It ends
# the configuration where none is taken, for a folder that is left out is found out on a board.
include(CheckCXXCompilerFlag)

set(EDGEBIN_KERNEL_FILES bit_serial u8s8 epilogue lookup pool f32 threshold install)
# On top of neon. 32-bit ARM's neon is itself on top of scalar.
set(EDGEBIN_KERNEL_FILES_neon_dot u8s8 install)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  set(EDGEBIN_KERNEL_FILES_neon bit_serial u8s8 threshold install)
endif()

function(edgebin_isa name)
  set(sources ${EDGEBIN_KERNEL_FILES})
  if(DEFINED EDGEBIN_KERNEL_FILES_${name})
    set(sources ${EDGEBIN_KERNEL_FILES_${name}})
  endif()
  list(TRANSFORM sources PREPEND ${name}/)
  list(TRANSFORM sources APPEND .cc)
  add_library(edgebin_isa_${name} OBJECT ${sources})
  target_compile_options(edgebin_isa_${name} PRIVATE ${ARGN})
  target_sources(edgebin_kernels PRIVATE $<TARGET_OBJECTS:edgebin_isa_${name}>)
  set_property(GLOBAL APPEND PROPERTY EDGEBIN_ISA_LIBRARIES edgebin_isa_${name})
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
