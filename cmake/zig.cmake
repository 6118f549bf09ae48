# Compiling the wheels with zig's clang, for any machine and with an old glibc: zig brings headers
# and stubs of every glibc, and links its own C++ library, so that what is built needs glibc alone.
#
# EDGEBIN_ZIG is the program of the package ziglang, EDGEBIN_ZIG_TARGET for example
# aarch64-linux-gnu.2.17, EDGEBIN_ZIG_PROCESSOR the machine's name (aarch64). wheels/ sets them.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES EDGEBIN_ZIG EDGEBIN_ZIG_TARGET EDGEBIN_ZIG_PROCESSOR)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${EDGEBIN_ZIG_PROCESSOR})
set(CMAKE_C_COMPILER ${EDGEBIN_ZIG} cc -target ${EDGEBIN_ZIG_TARGET})
set(CMAKE_CXX_COMPILER ${EDGEBIN_ZIG} c++ -target ${EDGEBIN_ZIG_TARGET})

# `ar` is a command of the same program, and writes the index too.
set(CMAKE_AR ${EDGEBIN_ZIG})
foreach(language IN ITEMS C CXX)
  set(CMAKE_${language}_ARCHIVE_CREATE "<CMAKE_AR> ar qcs <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_APPEND "<CMAKE_AR> ar qs <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "")
endforeach()

# The linker strips: this machine's `strip` may not know the other's files.
set(CMAKE_STRIP "" CACHE STRING "none" FORCE)
set(CMAKE_MODULE_LINKER_FLAGS_INIT
    "-s -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/module.map")

# Optimisation at link time loses the tables by which 32-bit ARM unwinds its stack: an exception
# then meets a frame without one and ends the process. pybind11 would switch it on by itself.
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
