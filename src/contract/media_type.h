#pragma once

#include <cstdint>
#include <string_view>

namespace contract {

enum class MediaType : std::uint8_t { Other, Json, Csv, JsonLines, Octets };

// What a Content-Type field says, its parameters aside. Empty: Other.
MediaType media_type_of(std::string_view content_type);

// The first of an Accept field's types that is CSV, JSON lines or JSON; Json where there is none.
// Weights are not looked at: clients of these list what they want most first.
MediaType accepted_type(std::string_view accept);

}  // namespace contract
