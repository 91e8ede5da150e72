#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// What a key permits.
enum class Scope : std::uint8_t {
  Score,    // Score, and read what a client must know to: signature, page.
  Metrics,  // Read the metrics.
  Manage,   // Load, exchange and unload what is served.
};

std::string_view scope_name(Scope scope);
std::optional<Scope> find_scope(std::string_view name);

// A set of them.
class Scopes {
 public:
  Scopes() = default;
  Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) add(scope);
  }

  void add(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ | bit(scope)); }
  bool contains(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  bool empty() const { return bits_ == 0; }
  std::vector<std::string_view> names() const;

  bool operator==(const Scopes&) const = default;

 private:
  static constexpr std::uint8_t bit(Scope scope) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(scope));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace auth
