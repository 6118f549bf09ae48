# The folders of csrc/kernels/ for instruction sets, and the flags that only they are compiled with.
#
# edgebin_isa(avx2 FLAGS -mavx2) compiles csrc/kernels/avx2/ into an object library and adds it to
# edgebin_kernels: install.cc and one file for each family of kernel_list.h. The calls stand in order
# of preference, the best first. With BASE neon FAMILIES u8s8 a folder has these families alone, in
# place of those of another folder. What the folder is compiled with says the same to the shared code
# of generic/: EDGEBIN_ISA_NAMESPACE, its name; EDGEBIN_BASE; EDGEBIN_FAMILIES, X(family)X(family).
#
# edgebin_isa_list() makes kernels/isa_list.h of these calls, which dispatch.cc reads.
#
# edgebin_accepted_flag(dot -march=armv8.2-a+dotprod -mcpu=generic+dotprod) sets `dot` to the first
# of these flags that the compiler accepts: compilers name one extension in different ways. It ends
# the configuration where none is accepted, since a missing folder would only be noticed on a board.
#
# The global property EDGEBIN_KERNEL_FAMILIES has the families of kernel_list.h.
include(CheckCXXCompilerFlag)

set(kernel_list ${PROJECT_SOURCE_DIR}/csrc/kernels/kernel_list.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kernel_list})
file(READ ${kernel_list} text)
string(REGEX MATCHALL "\n  X\\([a-z0-9_]+\\)" families "${text}")
list(TRANSFORM families REPLACE ".*\\((.+)\\)" "\\1")
set_property(GLOBAL PROPERTY EDGEBIN_KERNEL_FAMILIES ${families})

function(edgebin_isa name)
  cmake_parse_arguments(PARSE_ARGV 1 isa "" "BASE" "FAMILIES;FLAGS")
  set(definitions EDGEBIN_ISA_NAMESPACE=${name})
  if(isa_FAMILIES)
    list(TRANSFORM isa_FAMILIES REPLACE "(.+)" "X(\\1)" OUTPUT_VARIABLE own)
    list(JOIN own "" own)
    list(APPEND definitions EDGEBIN_BASE=${isa_BASE} EDGEBIN_FAMILIES=${own})
  else()
    get_property(isa_FAMILIES GLOBAL PROPERTY EDGEBIN_KERNEL_FAMILIES)
  endif()
  list(TRANSFORM isa_FAMILIES REPLACE "(.+)" "${name}/\\1.cc" OUTPUT_VARIABLE sources)
  add_library(edgebin_isa_${name} OBJECT ${name}/install.cc ${sources})
  target_compile_definitions(edgebin_isa_${name} PRIVATE ${definitions})
  target_compile_options(edgebin_isa_${name} PRIVATE ${isa_FLAGS})
  target_sources(edgebin_kernels PRIVATE $<TARGET_OBJECTS:edgebin_isa_${name}>)
  set_property(GLOBAL APPEND PROPERTY EDGEBIN_ISA_LIBRARIES edgebin_isa_${name})
  set_property(GLOBAL APPEND PROPERTY EDGEBIN_ISAS ${name})
endfunction()

function(edgebin_isa_list)
  get_property(isas GLOBAL PROPERTY EDGEBIN_ISAS)
  list(TRANSFORM isas REPLACE "(.+)" "X(\\1)")
  list(JOIN isas " " isas)
  configure_file(isa_list.h.in ${CMAKE_CURRENT_BINARY_DIR}/generated/kernels/isa_list.h @ONLY)
  target_include_directories(edgebin_kernels PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
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
