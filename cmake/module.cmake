# module(<name> [COMPUTES] [USES modules...] [TESTED_WITH modules...] [LIBS libraries...]
#        [PRECOMPILED target] [HEAVY headers...])
#
# One room: the folder src/<name>, one library. <thing>.h and <thing>.cc are the product,
# <thing>_test.cc its test, <thing>_fuzz.cc a libFuzzer target of its own. A room may include
# only its own headers and those of the rooms it USES, and a used room must be declared above,
# so the graph has no cycle; both are checked here, at configure time. Its tests alone may also
# include those it is TESTED_WITH, which may stand below. LIBS are third-party.
# PRECOMPILED is whose precompiled headers it takes (precompiled.cmake), HEAVY what is slow to parse
# and many of its files include, for precompiled headers of its own. What COMPUTES is optimised a
# little where the rest is not (module_optimised_a_little). Tests and fuzz targets find the tree, and
# ../shared/material beside it, by SOOTH_SOURCE_DIR.
function(module name)
  cmake_parse_arguments(M "COMPUTES" "PRECOMPILED" "USES;TESTED_WITH;LIBS;HEAVY" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "module(${name}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  foreach(used ${M_USES})
    if(NOT TARGET ${used})
      message(FATAL_ERROR "module(${name}): ${used} is not declared above it")
    endif()
  endforeach()

  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${dir}/*.h)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  module_check_includes(${name} FILES ${sources} ${headers} ${fuzzers} USES ${M_USES})
  module_check_includes(${name} FILES ${tests} USES ${M_USES} ${M_TESTED_WITH})

  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${M_USES} ${M_LIBS} Threads::Threads)
  target_compile_options(${name} PRIVATE ${SOOTH_PRODUCT_OPTIONS})
  if(M_COMPUTES)
    module_optimised_a_little(${name})
  endif()
  if(M_HEAVY)
    target_precompile_headers(${name} PRIVATE ${SOOTH_COMMON_HEADERS} ${M_HEAVY})
  elseif(M_PRECOMPILED)
    target_precompile_headers(${name} REUSE_FROM ${M_PRECOMPILED})
  else()
    target_precompile_headers(${name} REUSE_FROM precompiled_common)
  endif()
  module_in_units(${name})
  # A room of templates alone has no source of its own.
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)

  if(SOOTH_TESTS AND NOT SOOTH_SANITIZER)
    module_lone_headers(${name} ${headers})
  endif()
  if(SOOTH_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${M_TESTED_WITH} GTest::gtest_main)
    test_code(${name}_test)
    module_in_units(${name}_test)
    if(M_COMPUTES)
      module_optimised_a_little(${name}_test TESTS)
    endif()
    target_compile_definitions(${name}_test PRIVATE SOOTH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()

  if(SOOTH_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(stem ${fuzzer} NAME_WE)
      add_executable(${name}_${stem} ${fuzzer})
      target_link_libraries(${name}_${stem} PRIVATE ${name})
      target_compile_options(${name}_${stem} PRIVATE ${SOOTH_PRODUCT_OPTIONS})
      target_precompile_headers(${name}_${stem} REUSE_FROM precompiled_common)
      target_link_options(${name}_${stem} PRIVATE -fsanitize=fuzzer)
      target_compile_definitions(${name}_${stem} PRIVATE SOOTH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
      set_property(GLOBAL APPEND PROPERTY SOOTH_FUZZERS ${name}_${stem})
    endforeach()
  endif()
endfunction()

# Its code where errors of memory are looked for, else its tests: what they instantiate of the
# standard library stands for the room's too, so those that run long would run for minutes. Threads
# are looked at elsewhere. Precompiled headers are not for other levels than their own.
function(module_optimised_a_little target)
  cmake_parse_arguments(O "TESTS" "" "" ${ARGN})
  if(SOOTH_SANITIZER STREQUAL "address" AND NOT O_TESTS)
    target_compile_options(${target} PRIVATE -O1)
  elseif(O_TESTS AND NOT SOOTH_SANITIZER)
    target_compile_options(${target} PRIVATE -Og)
  else()
    return()
  endif()
  set_target_properties(${target} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
endfunction()

# compiled_for(<file of src> options...)
#
# That source is compiled for some machines alone, whatever the rest is for: by itself, optimised
# always, and without precompiled headers, which are for other options. What it includes may leave
# no inline function behind that others call (plan_dense/product_code.inc).
function(compiled_for file)
  set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/src/${file} PROPERTIES
    COMPILE_OPTIONS "-O2;${ARGN}" SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# The headers of third_party/<folder>, for the room and its tests alone; their warnings
# are their owners'.
function(third_party name folder)
  foreach(target ${name} ${name}_test)
    if(TARGET ${target})
      target_include_directories(${target} SYSTEM PRIVATE
        ${CMAKE_CURRENT_SOURCE_DIR}/third_party/${folder})
    endif()
  endforeach()
endfunction()

# Compiles the target's sources some at a time, as if they were one file: what they all include and
# instantiate is then paid for once. A room's files therefore share no name that only one of them
# means, in anonymous namespaces neither; its tests neither.
function(module_in_units target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SOOTH_UNITY} UNITY_BUILD_BATCH_SIZE 20)
endfunction()

# Stops the configuration at the first include of a room that is not used.
function(module_check_includes name)
  cmake_parse_arguments(C "" "" "FILES;USES" ${ARGN})
  foreach(file ${C_FILES})
    file(STRINGS ${file} lines REGEX "^#include \"[a-z_]+/")
    foreach(line ${lines})
      string(REGEX REPLACE "^#include \"([a-z_]+)/.*" "\\1" module "${line}")
      if(NOT module STREQUAL name AND NOT module IN_LIST C_USES)
        message(FATAL_ERROR "${file}: ${line}\n  room ${name} does not use ${module}")
      endif()
    endforeach()
  endforeach()
endfunction()

# A header that does not compile alone is found here, not by its first user. Where the .cc of its
# name includes it before anything else, whoever compiles that without precompiled headers has seen
# it (tools/check_tidy.sh does); of each other one the target `headers` has a source. `make check`
# does both.
function(module_lone_headers name)
  if(NOT TARGET headers)
    add_library(headers OBJECT EXCLUDE_FROM_ALL)
    target_include_directories(headers PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_compile_options(headers PRIVATE ${SOOTH_TEST_OPTIONS})
  endif()
  foreach(header ${ARGN})
    get_filename_component(stem ${header} NAME_WE)
    string(REGEX REPLACE "\\.h$" ".cc" source ${header})
    set(first "")
    if(EXISTS ${source})
      file(STRINGS ${source} first REGEX "^#include" LIMIT_COUNT 1)
    endif()
    if(NOT first STREQUAL "#include \"${name}/${stem}.h\"")
      set(alone ${CMAKE_BINARY_DIR}/headers/${name}_${stem}.cc)
      file(CONFIGURE OUTPUT ${alone} CONTENT "#include \"${name}/${stem}.h\"\n")
      target_sources(headers PRIVATE ${alone})
    endif()
  endforeach()
endfunction()
