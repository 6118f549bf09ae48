# Language, warnings and floating-point rules of every target of edgebin.
#
# -ffp-contract=off: FORMAT.md rounds each product and each sum separately. -Wconversion does not
# include signs, as in gcc's default for C++, so that clang and gcc warn about the same things.
#
# _FILE_OFFSET_BITS: without it, 32-bit systems cannot open a file whose size or inode number has more
# than 32 bits.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_compile_definitions(_FILE_OFFSET_BITS=64)
add_compile_options(-ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion
                    -Wshadow)
if(EDGEBIN_WERROR)
  add_compile_options(-Werror)
endif()

# GCC 12 draws these from code that it has not optimized in full, or that a sanitizer has changed, and
# finds faults in the standard library that are not there.
set(EDGEBIN_FALSE_WARNINGS "")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(EDGEBIN_FALSE_WARNINGS -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict
                             -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# -g1: stack traces need line tables only. Full debug information, or -O2 in the presets for tests,
# takes two to three times as long to compile.
if(EDGEBIN_SANITIZE)
  add_compile_options(-fsanitize=${EDGEBIN_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1 ${EDGEBIN_FALSE_WARNINGS})
  add_link_options(-fsanitize=${EDGEBIN_SANITIZE})
endif()

include_directories(${PROJECT_SOURCE_DIR}/csrc ${PROJECT_SOURCE_DIR}/csrc/include)

# Sources that run once for a command or for a model that is loaded: optimized for size, which
# halves their bytes and takes no time that a user would notice.
function(edgebin_optimize_for_size)
  if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
  endif()
endfunction()
