# Language, warnings and floating-point rules of every target of edgebin.
#
# -ffp-contract=off: FORMAT.md rounds each product and each sum on its own. Signs of integer
# conversions are left out of -Wconversion, as gcc does for C++, so that clang and gcc warn about
# the same things.
#
# _FILE_OFFSET_BITS: 32-bit systems otherwise refuse to examine a file whose size or number (inode)
# has more than 32 bits, whatever is in it.
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

# Line tables are what a finding's trace needs; full debug information, and in the presets for tests
# -O2, take two to three times as long to compile.
if(EDGEBIN_SANITIZE)
  add_compile_options(-fsanitize=${EDGEBIN_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${EDGEBIN_SANITIZE})
endif()

include_directories(${PROJECT_SOURCE_DIR}/csrc ${PROJECT_SOURCE_DIR}/csrc/include)
