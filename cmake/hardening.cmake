# Hardening, which makes memory errors end the process instead of being exploitable, as
# wheels/hardening.py checks it in binaries: the stack protector, checked calls of the C library
# (_FORTIFY_SOURCE), read-only relocations (RELRO, BIND_NOW), no executable stack, and
# position-independent programs (PIE).
#
# edgebin_program_type(edgebin-run) makes a program position-independent; a static one too if the
# toolchain has the start code for it (rcrt1.o), which Debian's for 32-bit ARM has not.
#
# Sanitizers have checks of their own, which _FORTIFY_SOURCE would hide.
include(CheckCXXSourceCompiles)

option(EDGEBIN_HARDEN "Build with the compiler's and linker's protections" ON)
if(EDGEBIN_SANITIZE)
  set(EDGEBIN_HARDEN OFF)
endif()

function(edgebin_program_type program)
  set(static "")
  if(EDGEBIN_STATIC_PROGRAM)
    set(static -static)
  endif()
  if(NOT EDGEBIN_HARDEN)
    target_link_options(${program} PRIVATE ${static})
    return()
  endif()
  set(position_independent -pie)
  if(EDGEBIN_STATIC_PROGRAM)
    set(CMAKE_REQUIRED_FLAGS -fPIE)
    set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
    check_cxx_source_compiles("int main() { return 0; }" EDGEBIN_HAS_STATIC_PIE)
    set(position_independent -static)
    if(EDGEBIN_HAS_STATIC_PIE)
      set(position_independent -static-pie)
      # A relative relocation takes a bit instead of 24 bytes; the C library has to know that.
      list(APPEND CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,pack-relative-relocs,--fatal-warnings)
      check_cxx_source_compiles("#include <features.h>
                                 static_assert(__GLIBC_PREREQ(2, 36));
                                 int main() { return 0; }" EDGEBIN_HAS_PACKED_RELOCATIONS)
      if(EDGEBIN_HAS_PACKED_RELOCATIONS)
        list(APPEND position_independent -Wl,-z,pack-relative-relocs)
      endif()
    endif()
  endif()
  target_link_options(${program} PRIVATE ${position_independent})
endfunction()

if(NOT EDGEBIN_HARDEN)
  return()
endif()

# Level 3 also checks sizes that are known only at run time; older C libraries and compilers warn
# about it.
set(CMAKE_REQUIRED_FLAGS "-Werror -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_cxx_source_compiles("#include <cstring>\nint main() { return 0; }" EDGEBIN_HAS_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(fortify 2)
if(EDGEBIN_HAS_FORTIFY_3)
  set(fortify 3)
endif()
add_compile_options(-fstack-protector-strong
                    "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${fortify}>")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")  # options of ELF linkers
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
