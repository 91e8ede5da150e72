# embedded_text(<target> <file> <function>)
#
# Compiles src/<target>/<file> into the target as the text that `std::string_view function()` gives,
# declared in <target>/<function>.h.
function(embedded_text target file function)
  set(path ${CMAKE_SOURCE_DIR}/src/${target}/${file})
  file(READ ${path} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set(generated ${CMAKE_BINARY_DIR}/${target}_${function}.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
// Written from @file@ when the build is configured.
#include "@target@/@function@.h"

namespace @target@ {

std::string_view @function@() { return R"embedded(@text@)embedded"; }

}  // namespace @target@
]])
  target_sources(${target} PRIVATE ${generated})
endfunction()
