# messages(<target> FOLDER <folder> FILES <name>...)
#
# A library of the protobuf messages of <folder>/<name>.proto, as <name>.pb.h, and in
# <target>_files.h the same as descriptors, for clients that ask what services there are.
function(messages target)
  cmake_parse_arguments(M "" "FOLDER" "FILES" ${ARGN})
  set(from ${CMAKE_SOURCE_DIR}/${M_FOLDER})
  set(out ${CMAKE_BINARY_DIR}/${target})
  file(MAKE_DIRECTORY ${out})
  foreach(name ${M_FILES})
    add_custom_command(
      OUTPUT ${out}/${name}.pb.cc ${out}/${name}.pb.h ${out}/${name}.descriptor
      COMMAND protobuf::protoc --proto_path=${from} --cpp_out=${out}
              --descriptor_set_out=${out}/${name}.descriptor ${from}/${name}.proto
      DEPENDS ${from}/${name}.proto COMMENT "Messages of ${name}.proto" VERBATIM)
    list(APPEND sources ${out}/${name}.pb.cc)
    list(APPEND descriptors ${out}/${name}.descriptor)
  endforeach()
  add_custom_command(
    OUTPUT ${out}/${target}_files.cc
    COMMAND ${CMAKE_COMMAND} -DTARGET=${target} -DFOLDER=${out} "-DNAMES=${M_FILES}"
            -P ${CMAKE_SOURCE_DIR}/cmake/message_files.cmake
    DEPENDS ${descriptors} ${CMAKE_SOURCE_DIR}/cmake/message_files.cmake VERBATIM)
  file(CONFIGURE OUTPUT ${out}/${target}_files.h @ONLY CONTENT [[
// Written when the build is configured.
#pragma once

#include <span>
#include <string_view>

namespace @target@ {

// A file of messages and services, and its FileDescriptorSet, which holds it alone.
struct MessageFile {
  std::string_view name;
  std::string_view descriptors;
};
std::span<const MessageFile> message_files();

}  // namespace @target@
]])
  # For who reads the headers and builds nothing: tools/check_tidy.sh.
  add_custom_target(${target}_sources DEPENDS ${sources})
  add_library(${target} STATIC ${sources} ${out}/${target}_files.cc)
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf-lite)
  # What protoc writes is not held to our warnings.
  target_compile_options(${target} PRIVATE -w ${SOOTH_PRODUCT_OPTIONS})
endfunction()
