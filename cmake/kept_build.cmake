# Lets a build folder serve one `pip install` after another: only what changed is compiled again, and
# everything that it concerns.
#
# pip builds in an environment of its own, whose path is another one each time. Headers of pybind11
# are included from a copy in the build folder, or every installation would compile the bindings.
#
# Ninja compiles a file again where its command or a file that it includes changed. What decides an
# object file without standing in its command is made part of it: the version of a compiler that was
# replaced in its place, and folders of headers that the environment names.
function(edgebin_keep_headers target)
  get_target_property(source ${target} INTERFACE_INCLUDE_DIRECTORIES)
  set(copy ${PROJECT_BINARY_DIR}/pybind11)
  file(GLOB_RECURSE headers RELATIVE ${source} ${source}/pybind11/*.h)
  foreach(header IN LISTS headers)
    get_filename_component(folder ${copy}/${header} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    file(COPY_FILE ${source}/${header} ${copy}/${header} ONLY_IF_DIFFERENT)
  endforeach()
  set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${copy})
endfunction()

string(CONCAT edgebin_build_inputs "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} "
                                   "$ENV{CPATH} $ENV{C_INCLUDE_PATH} $ENV{CPLUS_INCLUDE_PATH}")
string(SHA256 edgebin_build_inputs "${edgebin_build_inputs}")
string(SUBSTRING ${edgebin_build_inputs} 0 12 edgebin_build_inputs)
add_compile_definitions(EDGEBIN_BUILD_INPUTS=0x${edgebin_build_inputs})
