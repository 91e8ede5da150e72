#include "contract/media_type.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "contract/words.h"

namespace contract {
namespace {

constexpr std::pair<std::string_view, MediaType> kTypes[] = {
    {"application/json", MediaType::Json},
    {"text/csv", MediaType::Csv},
    {"application/csv", MediaType::Csv},
    {"application/jsonlines", MediaType::JsonLines},
    {"application/jsonl", MediaType::JsonLines},
    {"application/x-ndjson", MediaType::JsonLines},
    {"application/octet-stream", MediaType::Octets},
    {"multipart/form-data", MediaType::Multipart},
};

constexpr std::string_view kTakenForJson[] = {"application/x-www-form-urlencoded", "text/plain",
                                              "text/json"};

bool has_json_suffix(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  return type.size() > kSuffix.size() &&
         same_word(type.substr(type.size() - kSuffix.size()), kSuffix);
}

bool takes_tables(Form form, Kind kind) {
  return kind != Kind::Tensors && (form == Form::AzureMl || form == Form::MlFlow);
}

}  // namespace

MediaType media_type_of(std::string_view content_type) {
  const std::string_view type = without_blanks(content_type.substr(0, content_type.find(';')));
  for (const auto& [name, media] : kTypes) {
    if (same_word(type, name)) return media;
  }
  constexpr std::string_view kPictures = "image/";
  return same_word(type.substr(0, kPictures.size()), kPictures) ? MediaType::Picture
                                                                : MediaType::Other;
}

bool takes_type(Form form, std::string_view content_type, Kind kind) {
  const bool pictures = kind == Kind::Pictures;
  switch (media_type_of(content_type)) {
    case MediaType::Json: return true;
    case MediaType::Csv:
    case MediaType::JsonLines: return takes_tables(form, kind);
    case MediaType::Octets: return form == Form::OipRest || (pictures && form == Form::AzureMl);
    case MediaType::Picture:
    case MediaType::Multipart: return pictures && form == Form::AzureMl;
    case MediaType::Other: break;
  }
  const std::string_view type = without_blanks(content_type.substr(0, content_type.find(';')));
  return type.empty() || has_json_suffix(type) ||
         std::any_of(std::begin(kTakenForJson), std::end(kTakenForJson),
                     [type](std::string_view name) { return same_word(type, name); });
}

std::string_view types_of(Form form, Kind kind) {
  if (kind == Kind::Pictures && form == Form::AzureMl) {
    return "image/*, multipart/form-data, application/octet-stream or application/json";
  }
  if (takes_tables(form, kind)) return "application/json, text/csv or application/jsonlines";
  return form == Form::OipRest ? "application/json or application/octet-stream"
                               : "application/json";
}

bool accepts_html(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t end = accept.find(',');
    const std::string_view range = accept.substr(0, end);
    if (same_word(without_blanks(range.substr(0, range.find(';'))), "text/html")) return true;
    accept.remove_prefix(end == std::string_view::npos ? accept.size() : end + 1);
  }
  return false;
}

MediaType accepted_type(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t end = accept.find(',');
    const MediaType type = media_type_of(accept.substr(0, end));
    if (type == MediaType::Csv || type == MediaType::JsonLines || type == MediaType::Json) {
      return type;
    }
    accept.remove_prefix(end == std::string_view::npos ? accept.size() : end + 1);
  }
  return MediaType::Json;
}

}  // namespace contract
