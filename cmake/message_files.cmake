# Writes <FOLDER>/<TARGET>_files.cc from <FOLDER>/<name>.descriptor of each of NAMES; see
# messages.cmake.
set(arrays "")
set(rows "")
foreach(name ${NAMES})
  file(READ ${FOLDER}/${name}.descriptor hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
  string(APPEND arrays "const char k_${name}[] = \"${text}\";\n")
  string(APPEND rows "    {\"${name}.proto\", {k_${name}, ${bytes}}},\n")
endforeach()
file(WRITE ${FOLDER}/${TARGET}_files.cc "// Written from what protoc describes.
#include \"${TARGET}_files.h\"

namespace ${TARGET} {
namespace {

${arrays}
const MessageFile kFiles[] = {
${rows}};

}  // namespace

std::span<const MessageFile> message_files() { return kFiles; }

}  // namespace ${TARGET}
")
