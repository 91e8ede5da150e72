#include "model/recipe.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/yaml.h"
#include "model/engine_recipe.h"
#include "model/image_recipe.h"
#include "model/recipe_fields.h"

namespace model {
namespace {

using config::YamlMap;

constexpr std::size_t kNameMax = 128;
constexpr std::int64_t kTopKMax = 1'000'000;
constexpr std::int64_t kColumnsMax = 100'000;

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_name_part(char c) { return is_name_start(c) || c == '.' || c == '_' || c == '-'; }

base::Result<void> read_match_by(const YamlMap& map, Match& match) {
  if (!map.has("by")) return {};
  TRY_ASSIGN(const std::string by, map.get_string("by"));
  if (by == "pairs") {
    match.by = MatchBy::Pairs;
  } else if (by == "similarity") {
    match.by = MatchBy::Similarity;
  } else {
    return map.error_at(
        "by", fmt::format("\"by\": expected \"pairs\" or \"similarity\", got {}", base::quote(by)));
  }
  return {};
}

base::Result<void> read_top_k(const YamlMap& map, Match& match) {
  if (!map.has("top_k")) return {};
  if (const auto word = map.get_string("top_k"); word.ok() && *word == "all") return {};
  TRY_ASSIGN(const auto top_k, map.get_int("top_k", 1, kTopKMax));
  match.top_k = static_cast<std::size_t>(top_k);
  return {};
}

base::Result<void> read_best_per(const YamlMap& map, Match& match) {
  if (!map.has("best_per")) return {};
  TRY_ASSIGN(const std::string best_per, map.get_string("best_per"));
  if (best_per != "answer_id") {
    return map.error_at("best_per", fmt::format("\"best_per\": expected \"answer_id\", got {}",
                                                base::quote(best_per)));
  }
  match.best_per_answer = true;
  return {};
}

// A list of names, or how many there are without one.
base::Result<void> read_columns(const YamlMap& map, std::vector<std::string>& columns) {
  if (!map.has("columns")) return {};
  const config::YamlNode* node = map.find("columns");
  if (node->kind == config::YamlNode::Kind::Scalar) {
    TRY_ASSIGN(const auto count, map.get_int("columns", 1, kColumnsMax));
    for (std::int64_t i = 0; i < count; ++i) columns.push_back(fmt::format("x{}", i));
    return {};
  }
  TRY_ASSIGN(columns, map.get_strings("columns"));
  std::set<std::string_view> seen;
  for (const std::string& each : columns) {
    if (seen.insert(each).second) continue;
    return map.error_at("columns", fmt::format("\"columns\": expected each name once, got {} twice",
                                               base::quote(each)));
  }
  if (!columns.empty() && columns.size() <= static_cast<std::size_t>(kColumnsMax)) return {};
  return map.error_at("columns", fmt::format("\"columns\": expected 1 to {} names, got {}",
                                             kColumnsMax, columns.size()));
}

base::Result<Match> read_match(const YamlMap& map) {
  TRY(map.only({"by", "candidates", "id", "answer_id", "text", "query_column", "candidate_column",
                "top_k", "best_per"}));
  Match match;
  TRY(read_match_by(map, match));
  TRY_ASSIGN(match.candidates, map.get_string("candidates"));
  TRY(read_file_name(map, "candidates", match.candidates));
  TRY(read_text(map, "id", match.id));
  TRY(read_text(map, "answer_id", match.answer_id));
  TRY(read_text(map, "text", match.text));
  TRY(read_text(map, "query_column", match.query_column));
  TRY(read_text(map, "candidate_column", match.candidate_column));
  TRY(read_top_k(map, match));
  TRY(read_best_per(map, match));
  return match;
}

base::Result<std::vector<std::pair<std::string, std::string>>> read_classes(const YamlMap& map) {
  std::vector<std::pair<std::string, std::string>> classes;
  for (const std::string_view name : map.keys()) {
    TRY_ASSIGN(std::string as, map.get_string(name));
    for (const std::string_view each : {name, std::string_view(as)}) {
      if (auto checked = check_class_name(each); !checked.ok()) {
        return map.error_at(name, checked.error().message());
      }
    }
    classes.emplace_back(name, std::move(as));
  }
  return classes;
}

}  // namespace

base::Result<void> check_class_name(std::string_view class_name) {
  const bool plain = std::all_of(class_name.begin(), class_name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
  const std::size_t dot = class_name.rfind('.');
  const bool parted = dot != std::string_view::npos && dot > 0 && dot + 1 < class_name.size();
  if (plain && parted && class_name.size() <= kNameMax) return {};
  return base::Error(base::Code::Invalid,
                     fmt::format("class {}: expected MODULE.CLASS, such as __main__.Mine or "
                                 "lightgbm.LGBMClassifier",
                                 base::quote(class_name)));
}

base::Result<Recipe> parse_recipe(std::string_view file, std::string_view text) {
  TRY_ASSIGN(const YamlMap map, YamlMap::parse(file, text));
  TRY(map.only({"name", "model", "python", "columns", "classes", "match", "image", "engine"}));
  Recipe recipe;
  if (map.has("name")) {
    TRY_ASSIGN(recipe.name, map.get_string("name"));
    if (auto checked = check_name(recipe.name); !checked.ok()) {
      return map.error_at("name", checked.error().message());
    }
  }
  TRY(read_file_name(map, "model", recipe.model));
  if (map.has("python")) {
    TRY_ASSIGN(const std::string version, map.get_string("python"));
    auto python = text::PythonVersion::parse(version);
    if (!python.ok()) return map.error_at("python", python.error().message());
    recipe.python = *python;
  }
  TRY(read_columns(map, recipe.columns));
  if (map.has("classes")) {
    TRY_ASSIGN(const YamlMap classes, map.get_map("classes"));
    TRY_ASSIGN(recipe.classes, read_classes(classes));
  }
  if (map.has("match")) {
    TRY_ASSIGN(const YamlMap match, map.get_map("match"));
    TRY_ASSIGN(recipe.match, read_match(match));
  }
  if (map.has("image")) {
    if (recipe.match) {
      return map.error_at("image", "expected \"match\" or \"image\", got both");
    }
    TRY_ASSIGN(const YamlMap image, map.get_map("image"));
    TRY_ASSIGN(recipe.image, read_image(image));
    if (!map.has("model")) recipe.model = "model.onnx";
  }
  if (map.has("engine")) {
    if (!recipe.image && !recipe.is_network()) {
      return map.error_at("engine",
                          fmt::format("\"engine\": expected a network in a file *.onnx, got {}",
                                      base::quote(recipe.model)));
    }
    TRY_ASSIGN(const YamlMap engine, map.get_map("engine"));
    TRY_ASSIGN(recipe.engine, read_engine(engine));
  }
  return recipe;
}

base::Result<void> check_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kNameMax && is_name_start(name.front()) &&
                    std::all_of(name.begin(), name.end(), is_name_part);
  if (good) return {};
  return base::Error(base::Code::Invalid,
                     fmt::format("name {}: expected 1 to {} of a-z, 0-9, '.', '_' and '-', "
                                 "starting with a letter or digit",
                                 base::quote(name), kNameMax));
}

std::string name_from_path(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  path.remove_prefix(path.rfind('/') + 1);
  if (const std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0) {
    path = path.substr(0, dot);
  }
  std::string name;
  for (const char c : path.substr(0, kNameMax)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const char part = is_name_part(lower) ? lower : '-';
    if (!name.empty() || is_name_start(part)) name += part;
  }
  return name.empty() ? "model" : name;
}

}  // namespace model
