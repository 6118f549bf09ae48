# Lets a build folder serve one `pip install` after another: only what changed is compiled again, and
# everything that it concerns.
#
# pip builds in an environment of its own, whose path is another one each time. Headers of pybind11
# are included from a copy in the build folder, or every installation would compile the bindings.
#
# Ninja compiles a file again where its command or a file that it includes changed. What else decides
# an object file is compared here, and object files that something else made are removed: the version
# of a compiler that was replaced in its place, and folders of headers that the environment names.
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

string(CONCAT edgebin_inputs "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} "
                             "$ENV{CPATH} $ENV{C_INCLUDE_PATH} $ENV{CPLUS_INCLUDE_PATH}")
set(edgebin_record ${PROJECT_BINARY_DIR}/compiled_by.txt)
set(edgebin_recorded "")
if(EXISTS ${edgebin_record})
  file(READ ${edgebin_record} edgebin_recorded)
endif()
if(NOT edgebin_recorded STREQUAL edgebin_inputs)
  file(GLOB_RECURSE edgebin_objects ${PROJECT_BINARY_DIR}/csrc/*.o)
  if(edgebin_objects)
    file(REMOVE ${edgebin_objects})
  endif()
  file(WRITE ${edgebin_record} "${edgebin_inputs}")
endif()
