#pragma once

#include <cstdint>
#include <string_view>

#include "contract/route.h"

namespace contract {

enum class MediaType : std::uint8_t { Other, Json, Csv, JsonLines, Octets, Picture, Multipart };

// What a Content-Type field says, its parameters aside. Empty: Other.
MediaType media_type_of(std::string_view content_type);

// What a model's requests are of, as far as their types go.
enum class Kind : std::uint8_t {
  Rows,
  Pictures,
  Tensors,
  Matrix,  // Tensors, of which a table can be made.
};

// Whether a form's requests come in what a Content-Type field says. What says nothing, and what
// clients put there that were told nothing (curl's form, plain text), is taken for JSON.
bool takes_type(Form form, std::string_view content_type, Kind kind = Kind::Rows);
// The types that a form's requests come in, for a message.
std::string_view types_of(Form form, Kind kind = Kind::Rows);

// The first of an Accept field's types that is CSV, JSON lines or JSON; Json where there is none.
// Weights are not looked at: clients of these list what they want most first.
MediaType accepted_type(std::string_view accept);

// Whether an Accept field names text/html, as browsers' do.
bool accepts_html(std::string_view accept);

}  // namespace contract
