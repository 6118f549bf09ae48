# What `cmake --install` puts below the prefix: the library (libedgebin.a, or libedgebin.so.1 with
# BUILD_SHARED_LIBS=ON), its headers, a CMake package, a pkg-config file, and the program. With
# `--component program`, or of a static program's build, the program alone. The prefix may be moved.
#
# The headers for C++, model.h and layers.h, are installed with the static library only: a shared
# one does not export them, because the layout of their structures depends on the compiler.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

if(EDGEBIN_BUILD_PROGRAM)
  install(TARGETS edgebin-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
if(EDGEBIN_STATIC_PROGRAM)
  return()  # its presets build no library
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/edgebin)
get_target_property(library_type edgebin TYPE)

install(TARGETS edgebin EXPORT edgebinTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
set(headers csrc/include/edgebin/edgebin.h)
if(library_type STREQUAL "STATIC_LIBRARY")
  list(APPEND headers csrc/include/edgebin/layers.h csrc/include/edgebin/model.h)
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/edgebin COMPONENT library)
install(EXPORT edgebinTargets NAMESPACE edgebin:: DESTINATION ${package_dir} COMPONENT library)

configure_package_config_file(cmake/edgebinConfig.cmake.in ${PROJECT_BINARY_DIR}/edgebinConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/edgebinConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/edgebinConfig.cmake
              ${PROJECT_BINARY_DIR}/edgebinConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT library)

# A static library does not record the libraries that it needs, so pkg-config lists them, with
# --static or without.
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
set(pc_needs "")
if(library_type STREQUAL "STATIC_LIBRARY")
  set(pc_needs "-lstdc++ -lm -pthread")
  if("c++" IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
    set(pc_needs "-lc++ -lc++abi -lm -pthread")
  endif()
  if(EDGEBIN_ATOMICS)
    string(APPEND pc_needs " -l${EDGEBIN_ATOMICS}")
  endif()
endif()
configure_file(cmake/edgebin.pc.in ${PROJECT_BINARY_DIR}/edgebin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/edgebin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT library)
