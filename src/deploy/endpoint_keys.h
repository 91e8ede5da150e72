#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace deploy {

// What the value of a key in `endpoint.yaml` is.
enum class Kind : std::uint8_t {
  Name,       // A DNS label of at most `max` bytes.
  Version,    // A reference to a version, or its number alone.
  Text,       // At most `max` bytes.
  Choice,     // One of `choices`.
  Int,        // From `min` to `max`.
  Seconds,    // A duration of whole seconds, from `min` to `max`: "10 s", "5 min".
  Cpu,        // deploy::Cpu
  Memory,     // deploy::Memory
  Ports,      // A list of at most `max` TCP ports.
  Labels,     // A map of Kubernetes label keys to label values, at most `max`.
  Variables,  // A map of environment variables to texts, at most `max`.
  Secrets,    // A map of environment variables to `inner`, at most `max`.
  Percents,   // A map of deployments to whole percents.
  Section,    // A map of the keys of `inner`.
  Sections,   // A map of names to maps of the keys of `inner`, at least `min`, at most `max`.
};

// One key. The parser, the defaults, the JSON schema and the messages all come from these rows.
struct Key {
  std::string_view name;
  Kind kind = Kind::Text;
  bool required = false;
  std::string_view fallback;  // The default, as a person would write it; empty: none.
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const Key> inner;
  std::span<const std::string_view> choices;
  std::string_view sentence;  // What it is for, ending with a full stop.
};

// The keys of the file.
std::span<const Key> endpoint_keys();

// Precondition: the table has the key.
const Key& key_of(std::span<const Key> keys, std::string_view name);

// Of the texts that stand in maps.
constexpr std::size_t kVariableBytesMax = 32'768;
constexpr std::size_t kVariableNameMax = 128;

}  // namespace deploy
