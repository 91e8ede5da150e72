#include "companions/sklearn_pandas.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/scalar.h"
#include "companions/transformer.h"
#include "plan_cells/cell_domain.h"

namespace companions {
namespace {

using Names = std::vector<std::string>;

// (columns, transformer, options) of `features`.
struct MapperPart {
  Names columns;
  EstimatorPtr transformer;  // Null: the columns as they are.
  std::string name;          // Of its output, which is numbered where it has several columns.
  std::optional<data::Labels> labels;
  std::string prefix;
  std::string suffix;

  Names output_names(std::size_t width) const {
    Names names;
    for (std::size_t i = 0; i < width; ++i) {
      std::string each = name;
      if (width > 1 && labels && data::label_count(*labels) == width) {
        each += "_" + data::label_text(*labels, i);
      } else if (width > 1) {
        each += fmt::format("_{}", i);
      }
      names.push_back(prefix + each + suffix);
    }
    return names;
  }
};

class DataFrameMapper final : public Transformer {
 public:
  struct Rest {
    bool kept = false;
    Names without;
    EstimatorPtr transformer;
  };
  DataFrameMapper(std::vector<MapperPart> parts, Rest rest, bool sparse)
      : parts_(std::move(parts)), rest_(std::move(rest)), sparse_(sparse) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    // Before the parts ask for columns: the mapper itself does not keep which others there are.
    const Port whole = rest_.kept ? builder.declare(input, Names()) : input;
    if (rest_.kept && (whole.names.size() != whole.width || whole.width == 0)) {
      return base::Error(base::Code::Unsupported,
                         "\"default\": expected the names of the columns it was fitted with");
    }
    for (const MapperPart& part : parts_) {
      TRY_ASSIGN(Port port, builder.select(whole, part.columns));
      if (part.transformer != nullptr) {
        TRY_ASSIGN(port, part.transformer->emit(Method::Transform, builder, port));
      }
      TRY_ASSIGN(port, stacked(builder, port));
      port.names = part.output_names(port.width);
      ports.push_back(std::move(port));
    }
    if (rest_.kept) {
      TRY_ASSIGN(Port port, rest(builder, whole));
      ports.push_back(std::move(port));
    }
    return builder.hstack(ports);
  }

  base::Result<Port> stacked(Builder& builder, const Port& port) const {
    const bool spread = !sparse_ && port.kind == Port::Kind::Slot && port.form == Form::Sparse;
    return spread ? builder.dense(port) : base::Result<Port>(port);
  }

  base::Result<Port> rest(Builder& builder, const Port& whole) const {
    Names left;
    for (const std::string& name : whole.names) {
      if (std::find(rest_.without.begin(), rest_.without.end(), name) == rest_.without.end()) {
        left.push_back(name);
      }
    }
    TRY_ASSIGN(Port port, builder.select(whole, left));
    if (rest_.transformer == nullptr) return port;
    TRY_ASSIGN(port, rest_.transformer->emit(Method::Transform, builder, port));
    return stacked(builder, port);
  }

  std::vector<MapperPart> parts_;
  Rest rest_;
  bool sparse_;
};

std::optional<Names> mapper_columns(Value value) {
  if (const auto name = value.as_string()) return Names{std::string(*name)};
  auto names = texts_of(value);
  if (!names.ok()) return std::nullopt;
  return *std::move(names);
}

// A transformer, or a list of them that run one after another.
EstimatorPtr read_transformers(Value value, Reader& reader, const std::string& path) {
  if (value.is_none()) return nullptr;
  if (!value.is(pickle::Kind::List)) return reader.read(value, path);
  std::vector<EstimatorPtr> chain;
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    if (value.items()[i].is_none()) continue;
    chain.push_back(reader.read(value.items()[i], fmt::format("{}[{}]", path, i)));
  }
  return std::make_shared<Chain>(std::move(chain));
}

// The classes of the last transformer that has some: they name the columns.
std::optional<data::Labels> column_labels(Value transformers) {
  std::vector<Value> each = {transformers};
  if (transformers.is(pickle::Kind::List)) {
    each.assign(transformers.items().begin(), transformers.items().end());
  } else if (const auto steps = transformers.find("steps")) {
    each.clear();
    for (const Value step : steps->items()) {
      if (step.items().size() == 2) each.push_back(step.items()[1]);
    }
  }
  for (auto at = each.rbegin(); at != each.rend(); ++at) {
    const auto classes = at->find("classes_");
    if (!classes) continue;
    if (auto labels = fitted::labels_of(*classes); labels.ok()) return *std::move(labels);
  }
  return std::nullopt;
}

base::Result<MapperPart> read_mapper_part(const Object& object, Value value, Reader& reader,
                                          std::size_t i) {
  const auto items = value.items();
  if (items.size() != 2 && items.size() != 3) {
    return object.unexpected("features", "(columns, transformer, options)", value);
  }
  MapperPart part;
  auto columns = mapper_columns(items[0]);
  if (!columns) {
    return object.unsupported("features", "columns by name", describe(items[0]));
  }
  part.columns = *std::move(columns);
  if (!reader.spend(part.columns.size())) {
    return object.unsupported("features", "fewer columns in all", describe(items[0]));
  }
  part.name = fmt::format("{}", fmt::join(part.columns, "_"));
  if (items.size() == 3) {
    const auto text = [&](std::string_view key) {
      const auto found = items[2].find(key);
      return found ? found->as_string() : std::optional<std::string_view>();
    };
    part.name = text("alias").value_or(part.name);
    part.prefix = text("prefix").value_or("");
    part.suffix = text("suffix").value_or("");
  }
  part.labels = column_labels(items[1]);
  part.transformer =
      read_transformers(items[1], reader,
                        fmt::format("features[{}] {}", i,
                                    base::quote(part.columns.empty() ? "" : part.columns.front())));
  return part;
}

base::Result<DataFrameMapper::Rest> read_rest(const Object& object, Reader& reader,
                                              const std::vector<MapperPart>& parts) {
  DataFrameMapper::Rest rest;
  auto value = object.value().find("built_default");
  if (!value) value = object.value().find("default");
  if (!value || value->as_bool() == false) return rest;
  rest.kept = true;
  rest.transformer = read_transformers(*value, reader, "default");
  for (const MapperPart& part : parts) {
    rest.without.insert(rest.without.end(), part.columns.begin(), part.columns.end());
  }
  if (object.has("drop_cols")) {
    TRY_ASSIGN(const auto dropped, object.texts("drop_cols"));
    rest.without.insert(rest.without.end(), dropped.begin(), dropped.end());
  }
  return rest;
}

Made read_data_frame_mapper(const Object& object, Reader& reader) {
  const char* attribute = object.has("built_features") ? "built_features" : "features";
  TRY_ASSIGN(const auto features, object.list(attribute));
  std::vector<MapperPart> parts;
  for (std::size_t i = 0; i < features.size(); ++i) {
    TRY_ASSIGN(MapperPart part, read_mapper_part(object, features[i], reader, i));
    parts.push_back(std::move(part));
  }
  TRY_ASSIGN(DataFrameMapper::Rest rest, read_rest(object, reader, parts));
  if (parts.empty() && !rest.kept) {
    return object.unexpected("features", "at least one column", "none");
  }
  TRY_ASSIGN(const bool sparse, object.flag_or("sparse", false));
  return std::make_unique<DataFrameMapper>(std::move(parts), std::move(rest), sparse);
}

Made read_transformer_pipeline(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto items, object.list("steps"));
  std::vector<EstimatorPtr> steps;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto pair = items[i].items();
    if (pair.size() != 2 || !pair[0].as_string()) {
      return object.unexpected("steps", "pairs of name and transformer", items[i]);
    }
    if (pair[1].is_none()) continue;
    steps.push_back(
        reader.read(pair[1], fmt::format("steps[{}] {}", i, base::quote(*pair[0].as_string()))));
  }
  return std::make_unique<Chain>(std::move(steps));
}

// CategoricalImputer: one value where one is missing.
class CategoricalImputer final : public Transformer {
 public:
  CategoricalImputer(ColumnType type, plan::CellRules rules)
      : type_(type), rules_(std::move(rules)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    const std::vector<ColumnType> types(std::max<std::size_t>(1, input.width), type_);
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    std::vector<plan::MapCells::Part> parts;
    for (std::size_t c = 0; c < types.size(); ++c) {
      const std::string name = c < port.names.size() ? port.names[c] : "";
      parts.push_back({std::make_shared<plan::CheckDomain>(type_, rules_, name), {c}});
    }
    return builder.add_cells(std::make_shared<plan::MapCells>(std::move(parts)), port, types,
                             port.names, port.kinds);
  }

  ColumnType type_;
  plan::CellRules rules_;
};

Made read_categorical_imputer(const Object& object, Reader&) {
  TRY_ASSIGN(const Value fill, object.get("fill_"));
  plan::CellRules rules;
  rules.missing_put = put_of(fill);
  if (std::holds_alternative<std::monostate>(rules.missing_put)) {
    return object.unsupported("fill_", "a number or a text", describe(fill));
  }
  const auto missing = object.find("missing_values");
  const auto number = missing ? missing->as_float() : std::nullopt;
  if (missing && missing->as_string() != "NaN" && !(number && std::isnan(*number))) {
    rules.null = false;
    if (number) {
      rules.missing_numbers.push_back(*number);
    } else if (const auto text = missing->as_string()) {
      rules.missing_texts.emplace_back(*text);
    } else {
      return object.unsupported("missing_values", "NaN, a number or a text", describe(*missing));
    }
  }
  const ColumnType type =
      std::holds_alternative<double>(rules.missing_put) ? ColumnType::Number : ColumnType::Text;
  return std::make_unique<CategoricalImputer>(type, std::move(rules));
}

constexpr Entry kSklearnPandas[] = {
    {"sklearn_pandas", "CategoricalImputer", read_categorical_imputer},
    {"sklearn_pandas", "DataFrameMapper", read_data_frame_mapper},
    {"sklearn_pandas", "TransformerPipeline", read_transformer_pipeline},
};

}  // namespace

std::span<const Entry> sklearn_pandas_entries() { return kSklearnPandas; }

}  // namespace companions
