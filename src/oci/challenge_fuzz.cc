#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oci/challenge.h"

// What is accepted, written with every value quoted, reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto challenges = oci::parse_challenges(text);
  if (!challenges.ok()) return 0;
  std::string again;
  for (const oci::Challenge& challenge : *challenges) {
    if (!again.empty()) again += ", ";
    again += challenge.scheme;
    char separator = ' ';
    for (const auto& [name, value] : challenge.parameters) {
      again += separator + name + "=\"";
      for (const char c : value) {
        if (c == '"' || c == '\\') again += '\\';
        again += c;
      }
      again += '"';
      separator = ',';
    }
  }
  if (again.size() > (16U << 10U)) return 0;  // Escapes made it longer than is accepted.
  const auto read = oci::parse_challenges(again);
  if (!read.ok() || *read != *challenges) std::abort();
  return 0;
}
