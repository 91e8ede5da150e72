#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "contract/codec.h"

namespace contract {

// In one request, whatever its form: each is a network's work.
inline constexpr std::size_t kPicturesMax = 256;

// What a client calls its pictures, in their order; empty where there is one that has no name. Of
// parts of a form that are called alike the second is "image-2".
using PictureNames = std::vector<std::string>;

// Bodies that are pictures: one as it is (image/* or application/octet-stream), or several as parts
// of a form (multipart/form-data). Reads the body into the ask's frame where its media type says
// that it is one, and says whether.
base::Result<bool> read_pictures(const Incoming& in, Reader& reader, PictureNames& names);

// {"input": ..., "top_k": 3}, where the input is a picture in base64, or an object of several by
// their names, as it is or as a text of JSON. Around base64, quotes, Python's b'...' and what
// begins a data URL are passed over.
base::Result<void> read_json_pictures(Reader& reader, simdjson::ondemand::object& object,
                                      PictureNames& names);

// {"name": [[id, label, probability], ...], ...}; of one that could not be read {"error": "..."}.
void append_pictures(const Ask& ask, const Answers& answers, const PictureNames& names,
                     std::string& out);

}  // namespace contract
