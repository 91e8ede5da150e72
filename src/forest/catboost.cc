// The cbm file:
//
//   "CBM1", a length of four bytes
//   FlatBuffers TModelCore: format version, TModelTrees, pairs of texts ("params": the training's
//     parameters as JSON, "class_params": the classes as JSON), names of the parts that follow
//   part "static_provider_v1": tables of statistics (catboost_ctr.cc)

#include "forest/catboost.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "forest/catboost_parts.h"
#include "forest/model_value.h"

namespace forest {
namespace {

constexpr std::string_view kCatMagic = "CBM1";
constexpr std::string_view kCtrPart = "static_provider_v1";
constexpr std::size_t kCatOutputsMax = 1U << 20U;
constexpr std::size_t kCatColumnsMax = 1'000'000;

enum CoreField : std::size_t { FormatVersion, ModelTrees, InfoMap, ModelParts };
enum FloatField : std::size_t {
  HasNans,
  FloatIndex,
  FloatFlatIndex,
  FloatBorders,
  FloatId,
  NanMode
};
enum CatField : std::size_t { CategoryIndex, CategoryFlatIndex, CategoryId };
enum OneHotField : std::size_t { OneHotIndex, OneHotValues };
constexpr std::int8_t kNanAsTrue = 2;

base::Error corrupt_cat(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

// Where a feature is among all columns, and what it is called there.
class CatColumns {
 public:
  base::Result<std::size_t> add(std::int32_t flat_index, std::string_view name) {
    if (flat_index < 0 || static_cast<std::size_t>(flat_index) >= kCatColumnsMax) {
      return corrupt_cat(
          fmt::format("features: expected a place below {}, got {}", kCatColumnsMax, flat_index));
    }
    const auto place = static_cast<std::size_t>(flat_index);
    if (place >= names_.size()) names_.resize(place + 1);
    if (names_[place]) return corrupt_cat(fmt::format("two features are at place {}", place));
    names_[place] = name;
    return place;
  }

  std::size_t count() const { return names_.size(); }

  // None where only places are known of one or all of them.
  base::Result<std::vector<std::string>> names() const {
    std::vector<std::string> names;
    bool real = false;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!names_[i]) return std::vector<std::string>();
      const std::string_view name = *names_[i];
      if (base::find_invalid_utf8(name)) return corrupt_cat("features: expected names in UTF-8");
      real = real || (!name.empty() && name != std::to_string(i));
      names.emplace_back(name.empty() ? std::to_string(i) : std::string(name));
    }
    return real ? names : std::vector<std::string>();
  }

 private:
  std::vector<std::optional<std::string_view>> names_;
};

base::Result<void> read_float_features(const FlatTable& trees, CatBudget& budget,
                                       CatColumns& columns, std::vector<CatDecision>& decisions,
                                       CatModel& model) {
  TRY_ASSIGN(const auto features, trees.tables(FloatFeatures));
  for (std::size_t i = 0; i < features.size(); ++i) {
    const FlatTable& each = features[i];
    TRY_ASSIGN(const auto index, each.number<std::int32_t>(FloatIndex, -1));
    if (index < 0 || static_cast<std::size_t>(index) != i) {
      return corrupt_cat(fmt::format("float feature {}: expected this number, got {}", i, index));
    }
    TRY_ASSIGN(const auto flat, each.number<std::int32_t>(FloatFlatIndex, -1));
    TRY_ASSIGN(const auto name, each.text(FloatId));
    TRY(budget.spend(name.size() + 64));
    TRY_ASSIGN(const std::size_t column, columns.add(flat, name));
    model.float_columns.push_back(column);
    TRY_ASSIGN(const auto borders, each.numbers<float>(FloatBorders));
    TRY(budget.spend(borders.size() * sizeof(float)));
    TRY_ASSIGN(const auto nan_mode, each.number<std::int8_t>(NanMode, 0));
    for (const float border : borders) {
      decisions.push_back({.column = static_cast<std::uint32_t>(i),
                           .border = border,
                           .nan_above = nan_mode == kNanAsTrue});
    }
  }
  return {};
}

base::Result<void> read_categorical_features(const FlatTable& trees, CatBudget& budget,
                                             CatColumns& columns, CatModel& model) {
  TRY_ASSIGN(const auto features, trees.tables(CatFeatures));
  for (std::size_t i = 0; i < features.size(); ++i) {
    TRY_ASSIGN(const auto index, features[i].number<std::int32_t>(CategoryIndex, -1));
    if (index < 0 || static_cast<std::size_t>(index) != i) {
      return corrupt_cat(
          fmt::format("categorical feature {}: expected this number, got {}", i, index));
    }
    TRY_ASSIGN(const auto flat, features[i].number<std::int32_t>(CategoryFlatIndex, -1));
    TRY_ASSIGN(const auto name, features[i].text(CategoryId));
    TRY(budget.spend(name.size() + 64));
    TRY_ASSIGN(const std::size_t column, columns.add(flat, name));
    model.category_columns.push_back(column);
  }
  return {};
}

base::Result<void> check_category(std::uint32_t feature, const CatModel& model) {
  if (feature < model.category_columns.size()) return {};
  return corrupt_cat(fmt::format("expected a categorical feature below {}, got {}",
                                 model.category_columns.size(), feature));
}

base::Result<void> read_one_hot_features(const FlatTable& trees, CatBudget& budget,
                                         std::vector<CatDecision>& decisions, CatModel& model) {
  TRY_ASSIGN(const auto features, trees.tables(OneHotFeatures));
  for (const FlatTable& each : features) {
    CatOneHot one_hot;
    TRY_ASSIGN(const auto index, each.number<std::int32_t>(OneHotIndex, -1));
    one_hot.feature = static_cast<std::uint32_t>(index);
    TRY(check_category(one_hot.feature, model));
    TRY_ASSIGN(one_hot.hashes, each.numbers<std::int32_t>(OneHotValues));
    TRY(budget.spend(one_hot.hashes.size() * sizeof(std::int32_t) + 64));
    const std::size_t column = model.float_columns.size() + model.one_hots.size();
    for (std::size_t v = 0; v < one_hot.hashes.size(); ++v) {
      decisions.push_back({.column = static_cast<std::uint32_t>(column),
                           .by_category = true,
                           .value = static_cast<std::uint32_t>(v)});
    }
    model.one_hots.push_back(std::move(one_hot));
  }
  return {};
}

// Every feature that a combination names is one of the model's.
base::Result<void> check_combination(const CatCombination& combination, const CatModel& model) {
  for (const std::uint32_t feature : combination.categories) TRY(check_category(feature, model));
  for (const CatOneHotSplit& split : combination.one_hot_splits) {
    TRY(check_category(split.feature, model));
  }
  for (const CatFloatSplit& split : combination.float_splits) {
    if (split.column >= model.float_columns.size()) {
      return corrupt_cat(fmt::format("expected a float feature below {}, got {}",
                                     model.float_columns.size(), split.column));
    }
  }
  return {};
}

base::Result<void> add_ctr_feature(CatCtrFeature feature, std::vector<CatDecision>& decisions,
                                   CatModel& model) {
  const auto table = std::find_if(
      model.tables.begin(), model.tables.end(),
      [&](const CatCtrTable& each) { return each.combination == feature.combination; });
  if (table == model.tables.end()) {
    return corrupt_cat("expected a table for each statistic, got none for one of them");
  }
  TRY(check_combination(feature.combination, model));
  feature.ctr.table = static_cast<std::size_t>(table - model.tables.begin());
  const bool by_border = feature.combination.kind == CatCtrKind::Borders ||
                         feature.combination.kind == CatCtrKind::Buckets;
  if (by_border && feature.ctr.border >= table->classes) {
    return corrupt_cat(
        fmt::format("expected a class below {}, got {}", table->classes, feature.ctr.border));
  }
  const std::size_t column = model.float_columns.size() + model.one_hots.size() + model.ctrs.size();
  for (const float border : feature.borders) {
    decisions.push_back({.column = static_cast<std::uint32_t>(column), .border = border});
  }
  model.ctrs.push_back(feature.ctr);
  return {};
}

base::Result<void> refuse_features(const FlatTable& trees) {
  struct Refused {
    std::size_t field;
    const char* kind;
    std::size_t name;  // Its field, in one of them.
  };
  static constexpr Refused kRefused[] = {{TextFeatures, "text", 2},
                                         {EmbeddingFeatures, "embedding", 2},
                                         {EstimatedFeatures, "estimated", 0}};
  for (const Refused& each : kRefused) {
    TRY_ASSIGN(const auto features, trees.bytes(each.field, 4));
    if (features.empty()) continue;
    std::string names;
    if (each.name > 0) {
      TRY_ASSIGN(const auto tables, trees.tables(each.field));
      TRY_ASSIGN(const std::string_view first, tables.front().text(each.name));
      if (!first.empty()) names = " " + base::quote(first);
      if (tables.size() > 1) names += fmt::format(" and {} more", tables.size() - 1);
    }
    return base::Error(base::Code::Unsupported,
                       fmt::format("features: expected numbers and categories, got {} features{}",
                                   each.kind, names));
  }
  return {};
}

// Numbers of one kind, or texts.
base::Result<void> read_class_names(const ModelValue& list, CatModel& model) {
  if (list.kind() == ModelValue::Kind::Numbers) {
    if (auto integers = list.numbers<std::int64_t>(); integers.ok()) {
      model.classes = *std::move(integers);
      return {};
    }
    TRY_ASSIGN(auto numbers, list.numbers<double>());
    model.classes = std::move(numbers);
    return {};
  }
  std::vector<std::string> names;
  for (const ModelValue& each : list.items()) {
    const auto text = each.text();
    if (!text || base::find_invalid_utf8(*text)) {
      return corrupt_cat("\"class_names\": expected numbers or texts in UTF-8, got others");
    }
    names.emplace_back(*text);
  }
  if (!names.empty()) model.classes = std::move(names);
  return {};
}

base::Result<void> read_class_params(std::string_view json, CatModel& model) {
  TRY_ASSIGN(const ModelDocument document, parse_model_json(json));
  const ModelValue* names = document.root.find("class_names");
  if (names == nullptr || names->count() == 0) names = document.root.find("class_to_label");
  if (names == nullptr) return {};
  TRY(read_class_names(*names, model));
  const ModelValue* type = document.root.find("class_label_type");
  model.boolean_classes = type != nullptr && type->text() == "Boolean";
  return {};
}

base::Result<void> read_params(std::string_view json, CatModel& model) {
  TRY_ASSIGN(const ModelDocument document, parse_model_json(json));
  if (const ModelValue* loss = document.root.find("loss_function")) {
    if (const ModelValue* type = loss->find("type")) model.loss = type->text().value_or("");
  }
  const ModelValue* options = document.root.find("data_processing_options");
  const ModelValue* names = options == nullptr ? nullptr : options->find("class_names");
  if (names == nullptr || model.classes.index() != 0) return {};
  return read_class_names(*names, model);
}

base::Result<void> read_info(const FlatTable& core, CatBudget& budget, CatModel& model) {
  TRY_ASSIGN(const auto pairs, core.tables(InfoMap));
  for (const FlatTable& each : pairs) {
    TRY_ASSIGN(const auto key, each.text(0));
    TRY_ASSIGN(const auto value, each.text(1));
    TRY(budget.spend(key.size() + value.size() + 64));
    model.info.emplace_back(key, value);
  }
  for (const auto& [key, value] : model.info) {
    const bool classes = key == "class_params" || key == "multiclass_params";
    auto read = classes ? read_class_params(value, model) : base::Result<void>();
    if (!read.ok()) return std::move(read).error().within(base::quote(key));
  }
  for (const auto& [key, value] : model.info) {
    if (key != "params") continue;
    if (auto read = read_params(value, model); !read.ok()) {
      return std::move(read).error().within("\"params\"");
    }
  }
  return {};
}

base::Result<void> read_answer_scale(const FlatTable& trees, CatBudget& budget, CatModel& model) {
  const std::size_t outputs = model.ensemble.outputs;
  TRY_ASSIGN(model.scale, trees.number<double>(ScaleFactor, 1.0));
  TRY_ASSIGN(const double bias, trees.number<double>(SingleBias, 0.0));
  TRY_ASSIGN(model.biases, trees.numbers<double>(Biases));
  TRY(budget.spend(model.biases.size() * sizeof(double)));
  if (model.biases.empty()) model.biases.assign(outputs, bias);
  if (model.biases.size() != outputs) {
    return corrupt_cat(fmt::format("biases: expected {}, got {}", outputs, model.biases.size()));
  }
  return {};
}

base::Result<void> read_parts(const FlatTable& core, std::string_view behind, CatBudget& budget,
                              CatModel& model) {
  TRY_ASSIGN(const auto parts, core.texts(ModelParts));
  if (parts.empty()) return {};
  if (parts.size() > 1 || parts.front() != kCtrPart) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("parts: expected {}, got {}", base::quote(kCtrPart),
                                   base::quote(parts.front())));
  }
  TRY_ASSIGN(model.tables, read_ctr_tables(behind, budget));
  return {};
}

base::Result<void> read_model_trees(const FlatTable& trees, CatBudget& budget, CatModel& model) {
  TRY_ASSIGN(const auto outputs, trees.number<std::int32_t>(ApproxDimension, 1));
  if (outputs < 1 || static_cast<std::size_t>(outputs) > kCatOutputsMax) {
    return corrupt_cat(fmt::format("expected 1 to {} outputs, got {}", kCatOutputsMax, outputs));
  }
  model.ensemble.outputs = static_cast<std::size_t>(outputs);
  model.ensemble.width = model.ensemble.outputs;
  model.ensemble.float32_input = true;
  TRY(read_answer_scale(trees, budget, model));
  CatColumns columns;
  std::vector<CatDecision> decisions;
  TRY(read_float_features(trees, budget, columns, decisions, model));
  TRY(read_categorical_features(trees, budget, columns, model));
  TRY(read_one_hot_features(trees, budget, decisions, model));
  TRY_ASSIGN(auto ctrs, read_ctr_features(trees, budget));
  for (CatCtrFeature& each : ctrs) TRY(add_ctr_feature(std::move(each), decisions, model));
  model.columns = columns.count();
  TRY_ASSIGN(model.names, columns.names());
  model.ensemble.features = model.float_columns.size() + model.one_hots.size() + model.ctrs.size();
  TRY(read_cat_trees(trees, decisions, budget, model));
  return check(model.ensemble);
}

}  // namespace

base::Result<CatModel> parse_catboost(std::string_view bytes) {
  std::uint32_t length = 0;
  if (!is_catboost(bytes) || bytes.size() < 8) return corrupt_cat("expected a cbm file");
  std::memcpy(&length, bytes.data() + 4, sizeof length);
  if (length > bytes.size() - 8) {
    return corrupt_cat(
        fmt::format("expected a model of {} bytes, got {}", length, bytes.size() - 8));
  }
  CatBudget budget(bytes.size());
  TRY_ASSIGN(const FlatTable core, FlatTable::root(bytes.substr(8, length)));
  TRY_ASSIGN(const auto trees, core.table(ModelTrees));
  if (!trees) return corrupt_cat("expected trees, got none");
  CatModel model;
  TRY(read_info(core, budget, model));
  TRY(refuse_features(*trees));
  TRY(read_parts(core, bytes.substr(8 + std::size_t{length}), budget, model));
  TRY(read_model_trees(*trees, budget, model));
  return model;
}

bool is_catboost(std::string_view bytes) { return bytes.starts_with(kCatMagic); }

}  // namespace forest
