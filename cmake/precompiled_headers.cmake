# Parsing the standard library's headers is four fifths of the time that most sources take to compile.
# Off for whatever is shipped: there a source that forgets to include a header must not compile.
target_precompile_headers(edgebin_base PRIVATE
  <algorithm> <array> <charconv> <chrono> <functional> <map> <memory> <optional> <span> <sstream>
  <string> <utility> <vector>)
foreach(folder IN ITEMS graph file ops runtime tasks cli)
  if(TARGET edgebin_${folder})
    target_precompile_headers(edgebin_${folder} REUSE_FROM edgebin_base)
  endif()
endforeach()
