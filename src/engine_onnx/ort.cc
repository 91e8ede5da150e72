#include "engine_onnx/ort.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kMessageMax = 400;

Code code_of(OrtErrorCode code, Asked asked) {
  switch (code) {
    case ORT_INVALID_ARGUMENT: return Code::Invalid;
    case ORT_NOT_IMPLEMENTED: return Code::Unsupported;
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
    case ORT_NO_MODEL: return Code::Corrupt;
    default: return asked == Asked::ToLoad ? Code::Unsupported : Code::Internal;
  }
}

// Some messages say where in the runtime's source they arose: "/path/file.cc:245 type
// name(arguments) message".
std::string without_source(std::string_view message) {
  const std::size_t file = message.find(".cc:");
  const std::size_t open = message.find('(', std::min(file, message.size()));
  if (open == std::string_view::npos) return std::string(message);
  const std::size_t begin = message.rfind(' ', file) + 1;  // npos: from the start on.
  int depth = 0;
  for (std::size_t at = open; at < message.size(); ++at) {
    if (message[at] == '(') ++depth;
    if (message[at] == ')') --depth;
    if (depth == 0) {
      return std::string(message.substr(0, begin)) + std::string(message.substr(at + 1));
    }
  }
  return std::string(message);
}

}  // namespace

std::string one_line(const char* message) {
  std::string line;
  for (const char c : without_source(message)) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.size() > kMessageMax) {
    std::size_t end = kMessageMax;
    // Not within a character.
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0U) == 0x80U) --end;
    line.resize(end);
    line += "...";
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return base::printable(line);
}

Result<void> outcome(const OrtApi& api, OrtStatus* status, Asked asked) {
  if (status == nullptr) return {};
  const Owned<OrtStatus> owned(status, {&api});
  return Error(code_of(api.GetErrorCode(status), asked),
               "ONNX Runtime: " + one_line(api.GetErrorMessage(status)));
}

}  // namespace engine_onnx
