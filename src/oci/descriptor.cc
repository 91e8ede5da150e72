#include "oci/descriptor.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kDescriptorsMax = 10'000;

Error bad_descriptor(std::string_view where, std::string_view expected) {
  return {Code::Invalid, fmt::format("{}: expected {}", where, expected)};
}

base::Result<std::string> text_of(const json& object, const char* key, std::string_view where,
                                  bool required) {
  const auto at = object.find(key);
  if (at == object.end()) {
    if (required) return bad_descriptor(where, fmt::format("\"{}\", got none", key));
    return std::string();
  }
  if (!at->is_string()) return bad_descriptor(where, fmt::format("a text as \"{}\"", key));
  return at->get<std::string>();
}

base::Result<Annotations> annotations_of(const json& object, std::string_view where) {
  Annotations annotations;
  const auto at = object.find("annotations");
  if (at == object.end() || at->is_null()) return annotations;
  if (!at->is_object()) return bad_descriptor(where, "an object as \"annotations\"");
  for (const auto& [key, value] : at->items()) {
    if (!value.is_string()) return bad_descriptor(where, "texts in \"annotations\"");
    annotations.emplace(key, value.get<std::string>());
  }
  return annotations;
}

base::Result<Descriptor> descriptor_of(const json& object, std::string_view where) {
  if (!object.is_object()) return bad_descriptor(where, "a descriptor");
  TRY_ASSIGN(std::string media_type, text_of(object, "mediaType", where, true));
  TRY_ASSIGN(const std::string digest_text, text_of(object, "digest", where, true));
  auto digest = base::Digest::parse(digest_text);
  if (!digest.ok()) return std::move(digest).error().within(where);
  const auto size = object.find("size");
  if (size == object.end() || !size->is_number_unsigned() ||
      size->get<std::uint64_t>() > kDescriptorSizeMax) {
    return bad_descriptor(where, "a number of bytes as \"size\"");
  }
  Descriptor descriptor{.media_type = std::move(media_type),
                        .digest = *digest,
                        .size = size->get<std::uint64_t>(),
                        .annotations = {},
                        .artifact_type = {},
                        .architecture = {},
                        .os = {}};
  TRY_ASSIGN(descriptor.annotations, annotations_of(object, where));
  TRY_ASSIGN(descriptor.artifact_type, text_of(object, "artifactType", where, false));
  if (const auto platform = object.find("platform"); platform != object.end()) {
    if (!platform->is_object()) return bad_descriptor(where, "an object as \"platform\"");
    TRY_ASSIGN(descriptor.architecture, text_of(*platform, "architecture", where, false));
    TRY_ASSIGN(descriptor.os, text_of(*platform, "os", where, false));
  }
  return descriptor;
}

base::Result<std::vector<Descriptor>> descriptors_of(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return bad_descriptor(key, "an array of descriptors");
  if (at->size() > kDescriptorsMax)
    return bad_descriptor(key, fmt::format("at most {}", kDescriptorsMax));
  std::vector<Descriptor> descriptors;
  for (const json& each : *at) {
    TRY_ASSIGN(Descriptor descriptor,
               descriptor_of(each, fmt::format("{}[{}]", key, descriptors.size())));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

base::Result<std::optional<Descriptor>> subject_of(const json& object) {
  const auto at = object.find("subject");
  if (at == object.end() || at->is_null()) return std::optional<Descriptor>();
  TRY_ASSIGN(Descriptor subject, descriptor_of(*at, "subject"));
  return std::optional<Descriptor>(std::move(subject));
}

base::Result<json> parse_object(std::string_view what, std::string_view text) {
  if (text.size() > kManifestBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("{}: expected at most {}, got {}", what,
                             base::human_bytes(kManifestBytesMax), base::human_bytes(text.size())));
  }
  json object = json::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) return bad_descriptor(what, "a JSON object");
  const auto version = object.find("schemaVersion");
  if (version == object.end() || *version != 2) return bad_descriptor(what, "\"schemaVersion\" 2");
  return object;
}

// Only what is said is written: an absent key and an empty one are the same to every reader.
json to_json(const Descriptor& descriptor) {
  json object = {{"mediaType", descriptor.media_type},
                 {"digest", descriptor.digest.text()},
                 {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) object["annotations"] = descriptor.annotations;
  if (!descriptor.artifact_type.empty()) object["artifactType"] = descriptor.artifact_type;
  if (!descriptor.architecture.empty() || !descriptor.os.empty()) {
    object["platform"] = {{"architecture", descriptor.architecture}, {"os", descriptor.os}};
  }
  return object;
}

json to_json(const std::vector<Descriptor>& descriptors) {
  json array = json::array();
  for (const Descriptor& each : descriptors) array.push_back(to_json(each));
  return array;
}

std::string finish(json object, const std::optional<Descriptor>& subject,
                   const std::string& artifact_type, const Annotations& annotations) {
  object["schemaVersion"] = 2;
  if (subject) object["subject"] = to_json(*subject);
  if (!artifact_type.empty()) object["artifactType"] = artifact_type;
  if (!annotations.empty()) object["annotations"] = annotations;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

base::Result<Manifest> Manifest::parse(std::string_view text) {
  TRY_ASSIGN(const nlohmann::json object, parse_object("manifest", text));
  const auto config = object.find("config");
  if (config == object.end()) return bad_descriptor("manifest", "\"config\", got none");
  TRY_ASSIGN(Descriptor config_descriptor, descriptor_of(*config, "config"));
  Manifest manifest{.config = std::move(config_descriptor),
                    .layers = {},
                    .subject = {},
                    .artifact_type = {},
                    .annotations = {}};
  TRY_ASSIGN(manifest.layers, descriptors_of(object, "layers"));
  TRY_ASSIGN(manifest.subject, subject_of(object));
  TRY_ASSIGN(manifest.artifact_type, text_of(object, "artifactType", "manifest", false));
  TRY_ASSIGN(manifest.annotations, annotations_of(object, "manifest"));
  return manifest;
}

std::string Manifest::json() const {
  return finish(
      {{"mediaType", kManifestType}, {"config", to_json(config)}, {"layers", to_json(layers)}},
      subject, artifact_type, annotations);
}

base::Result<Index> Index::parse(std::string_view text) {
  TRY_ASSIGN(const nlohmann::json object, parse_object("index", text));
  Index index;
  TRY_ASSIGN(index.manifests, descriptors_of(object, "manifests"));
  TRY_ASSIGN(index.subject, subject_of(object));
  TRY_ASSIGN(index.artifact_type, text_of(object, "artifactType", "index", false));
  TRY_ASSIGN(index.annotations, annotations_of(object, "index"));
  return index;
}

std::string Index::json() const {
  return finish({{"mediaType", kIndexType}, {"manifests", to_json(manifests)}}, subject,
                artifact_type, annotations);
}

bool is_index_type(std::string_view media_type) {
  return media_type == kIndexType || media_type == kDockerIndexType;
}

}  // namespace oci
