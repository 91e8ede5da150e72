#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace deploy {

// Stands for a value that nobody is to read in a Change.
constexpr std::string_view kHidden = "(hidden)";

// One field of one object of a target that deploying would change.
struct Change {
  enum class Kind : unsigned char { Create, Update, Remove };

  Kind kind = Kind::Update;
  std::string object;  // "Deployment faq-blue"
  // "spec.template.spec.containers[sooth].image"; empty for a whole object.
  std::string path;
  std::optional<nlohmann::ordered_json> before;  // Nothing: the field is not there.
  std::optional<nlohmann::ordered_json> after;

  bool operator==(const Change&) const = default;
};

// Field by field, what is there and what is to be there; without `before` the whole is created.
std::vector<Change> compare_fields(const std::string& object,
                                   const std::optional<nlohmann::ordered_json>& before,
                                   const nlohmann::ordered_json& after);

// For people, one line a field; "no change" where there is none.
//   ~ Deployment faq-blue
//       spec.replicas: 2 -> 3
std::string to_text(std::span<const Change> changes);
nlohmann::ordered_json to_json(std::span<const Change> changes);

}  // namespace deploy
