# What most files include is parsed once for a kind of targets, not once for each file. No file may
# rely on it: tools/check_tidy.sh reads every file without. Kept small, since loading costs too: an
# empty file takes g++ 0.2 s with the first of these and 0.9 s with the second, and 2.2 and 3.5 s
# where it parses the same.

set(SOOTH_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory>
  <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h>)

# precompiled(<name> [HEADERS headers...] [LIBS libraries...] [OPTIONS options...])
#
# Something whose precompiled headers targets with the same options take over, by
# target_precompile_headers(<target> REUSE_FROM <name>).
function(precompiled name)
  cmake_parse_arguments(P "" "" "HEADERS;LIBS;OPTIONS" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// There is only what is precompiled.\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE ${P_LIBS})
  target_compile_options(${name} PRIVATE ${P_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${P_HEADERS})
endfunction()

precompiled(precompiled_common HEADERS ${SOOTH_COMMON_HEADERS}
  LIBS fmt::fmt Threads::Threads OPTIONS ${SOOTH_PRODUCT_OPTIONS})
precompiled(precompiled_json HEADERS ${SOOTH_COMMON_HEADERS} <nlohmann/json.hpp>
  LIBS fmt::fmt nlohmann_json::nlohmann_json Threads::Threads OPTIONS ${SOOTH_PRODUCT_OPTIONS})
if(SOOTH_TESTS)
  precompiled(precompiled_tests HEADERS ${SOOTH_COMMON_HEADERS} <gtest/gtest.h>
    LIBS fmt::fmt Threads::Threads GTest::gtest
    OPTIONS ${SOOTH_TEST_OPTIONS})
endif()

# The target's sources are tests of GoogleTest's: compiled fast rather than to run fast.
function(test_code target)
  target_compile_options(${target} PRIVATE ${SOOTH_TEST_OPTIONS})
  target_precompile_headers(${target} REUSE_FROM precompiled_tests)
endfunction()
