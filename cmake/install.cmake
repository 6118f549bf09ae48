# What `cmake --install` puts below the prefix: the library (libedgebin.a, or libedgebin.so.1 with
# BUILD_SHARED_LIBS=ON), its headers, a CMake package, a pkg-config file, and the program; the last
# alone with `--component program`. All of it may be moved afterwards.
#
# model.h, the interface for C++, goes with the static library alone: a shared one does not export
# it, because its structures depend on the compiler that made them.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/edgebin)
get_target_property(library_type edgebin TYPE)

install(TARGETS edgebin EXPORT edgebinTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
set(headers csrc/include/edgebin/edgebin.h)
if(library_type STREQUAL "STATIC_LIBRARY")
  list(APPEND headers csrc/include/edgebin/model.h)
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/edgebin COMPONENT library)
install(EXPORT edgebinTargets NAMESPACE edgebin:: DESTINATION ${package_dir} COMPONENT library)

configure_package_config_file(cmake/edgebinConfig.cmake.in ${PROJECT_BINARY_DIR}/edgebinConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/edgebinConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/edgebinConfig.cmake
              ${PROJECT_BINARY_DIR}/edgebinConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT library)

# A static library brings no list of what it needs, so pkg-config tells it, with --static or without.
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

if(EDGEBIN_BUILD_PROGRAM)
  install(TARGETS edgebin-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
