#include "contract/media_type.h"

#include <cctype>
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

}  // namespace

MediaType media_type_of(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  for (const auto& [name, media] : kTypes) {
    if (same_type(type, name)) return media;
  }
  return MediaType::Other;
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
