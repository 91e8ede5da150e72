#include "contract/pictures.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "contract/media_type.h"
#include "contract/multipart.h"
#include "contract/outputs.h"
#include "contract/request_fields.h"
#include "table/answer_writer.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

// Of a data URL what stands before its data.
constexpr std::size_t kDataHeadMax = 256;

bool is_taken(const PictureNames& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A name for a part of a form, where several may be called alike: "image", "image-2", ...
std::string free_name(const PictureNames& names, const std::string& wanted) {
  std::string name = wanted;
  for (std::size_t i = 2; is_taken(names, name); ++i) name = fmt::format("{}-{}", wanted, i);
  return name;
}

base::Result<void> add_picture(Reader& reader, std::string name, PictureNames& names) {
  if (is_taken(names, name)) {
    return Error(Code::Invalid,
                 fmt::format("picture {}: expected it once, got it twice", base::quote(name)));
  }
  if (names.size() == kPicturesMax) {
    return Error(Code::Invalid, fmt::format("expected at most {} pictures", kPicturesMax));
  }
  names.push_back(std::move(name));
  reader.ask.frame.add_row();
  reader.ask.row_by_row = true;
  return {};
}

// As some clients send it: in quotes within the text, as Python writes bytes, or as browsers write
// a file: data:image/png;base64,...
std::string_view without_wrapping(std::string_view text) {
  const auto strip = [&text](char quote) {
    if (text.size() < 2 || text.front() != quote || text.back() != quote) return;
    text = text.substr(1, text.size() - 2);
  };
  strip('"');
  if (text.starts_with("b'")) text.remove_prefix(1);
  strip('\'');
  constexpr std::string_view kBase64 = ";base64,";
  const std::string_view head = text.substr(0, kDataHeadMax);
  const std::size_t end = head.find(kBase64);
  if (head.starts_with("data:") && end != std::string_view::npos) {
    text.remove_prefix(end + kBase64.size());
  }
  return text;
}

base::Result<void> set_base64(Reader& reader, std::string_view what, std::string_view text) {
  const auto bytes = base::base64_decode(without_wrapping(text));
  if (!bytes) {
    return Error(Code::Invalid, fmt::format("{}: expected a picture in base64, got {}", what,
                                            base::quote(text.substr(0, 40))));
  }
  reader.ask.frame.copy_text(reader.ask.frame.rows() - 1, 0, *bytes);
  return {};
}

base::Result<void> read_named(Reader& reader, JsonBody& json, ondemand::object object,
                              PictureNames& names) {
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key)) return json.error(code, "body", "JSON");
    std::string name(key);
    std::string_view text;
    if (const auto code = field.value().get_string().get(text)) {
      return json.error(code, fmt::format("picture {}", base::quote(name)), "a text");
    }
    const std::string what = fmt::format("picture {}", base::quote(name));
    TRY(add_picture(reader, std::move(name), names));
    return set_base64(reader, what, text);
  };
  TRY(for_each_field(json, object, "\"input\"", read_one));
  if (!names.empty()) return {};
  return Error(Code::Invalid, "\"input\": expected at least one picture, got none");
}

// A text: base64, or an object once more in JSON.
base::Result<void> read_text_input(Reader& reader, std::string_view text, PictureNames& names) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos ||
      text[text.find_first_not_of(" \t\r\n")] != '{') {
    reader.ask.frame.add_row();
    return set_base64(reader, "\"input\"", text);
  }
  std::string inner(text);
  inner.reserve(inner.size() + simdjson::SIMDJSON_PADDING);
  JsonBody json;
  TRY_ASSIGN(ondemand::object object, json.open_object(inner));
  TRY(read_named(reader, json, object, names));
  return json.close();
}

base::Result<void> read_input(Reader& reader, ondemand::value value, PictureNames& names) {
  ondemand::object object;
  if (value.get_object().get(object) == simdjson::SUCCESS) {
    return read_named(reader, reader.json, object, names);
  }
  std::string_view text;
  if (const auto code = value.get_string().get(text)) {
    return reader.json.error(code, "\"input\"", "a text or an object");
  }
  return read_text_input(reader, text, names);
}

}  // namespace

base::Result<bool> read_pictures(const Incoming& in, Reader& reader, PictureNames& names) {
  const MediaType type = media_type_of(in.content_type);
  if (type == MediaType::Multipart) {
    TRY_ASSIGN(const std::vector<Part> parts,
               parse_multipart(in.content_type, in.body, kPicturesMax));
    for (const Part& part : parts) {
      TRY(add_picture(reader, free_name(names, part.name), names));
      reader.ask.frame.set_text(reader.ask.frame.rows() - 1, 0, part.bytes);
    }
    return true;
  }
  if (type != MediaType::Picture && type != MediaType::Octets) return false;
  reader.ask.frame.add_row();
  reader.ask.frame.set_text(0, 0, in.body);
  return true;
}

base::Result<void> read_json_pictures(Reader& reader, ondemand::object& object,
                                      PictureNames& names) {
  bool has_input = false;
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    const auto key = field.key();
    if (key == "input") {
      if (has_input) return repeated_key("input");
      has_input = true;
      return read_input(reader, field.value(), names);
    }
    if (key == "top_k") {
      TRY_ASSIGN(reader.ask.top_k, read_top_k(field.value()));
      return {};
    }
    return unknown_key(field, reader.json, {"input", "top_k"});
  };
  TRY(for_each_field(reader.json, object, "body", read_one));
  TRY(reader.json.close());
  if (has_input) return {};
  return Error(Code::Invalid, "body: expected a key \"input\", got none");
}

void append_pictures(const Ask& ask, const Answers& answers, const PictureNames& names,
                     std::string& out) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += i > 0 ? ',' : '{';
    table::append_json_string(names[i], out);
    out += ':';
    if (i < answers.failures.size() && !answers.failures[i].empty()) {
      out += R"({"error":)";
      table::append_json_string(answers.failures[i], out);
      out += '}';
    } else {
      append_ranked_row(ask, answers, i, out);
    }
  }
  out += '}';
}

}  // namespace contract
