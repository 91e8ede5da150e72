#include "contract/media_type.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

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

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_type(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != b[i]) return false;
  }
  return true;
}

constexpr std::string_view kTakenForJson[] = {"application/x-www-form-urlencoded", "text/plain",
                                              "text/json"};

bool has_json_suffix(std::string_view type) {
  constexpr std::string_view kSuffix = "+json";
  return type.size() > kSuffix.size() &&
         same_type(type.substr(type.size() - kSuffix.size()), kSuffix);
}

bool takes_tables(Form form, Kind kind) {
  return kind != Kind::Tensors && (form == Form::AzureMl || form == Form::MlFlow);
}

}  // namespace

MediaType media_type_of(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  for (const auto& [name, media] : kTypes) {
    if (same_type(type, name)) return media;
  }
  constexpr std::string_view kPictures = "image/";
  return same_type(type.substr(0, kPictures.size()), kPictures) ? MediaType::Picture
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
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  return type.empty() || has_json_suffix(type) ||
         std::any_of(std::begin(kTakenForJson), std::end(kTakenForJson),
                     [type](std::string_view name) { return same_type(type, name); });
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
    if (same_type(trimmed(range.substr(0, range.find(';'))), "text/html")) return true;
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
