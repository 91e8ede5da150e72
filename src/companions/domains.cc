#include "companions/domains.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "companions/cells.h"
#include "companions/scalar.h"
#include "companions/transformer.h"
#include "plan_cells/cell_domain.h"

namespace companions {
namespace {

using plan::CellRules;
using Treatment = CellRules::Treatment;

// One column of a domain.
struct DomainColumn {
  std::optional<ColumnType> type;  // Nothing: the model does not say.
  plan::FeatureKind kind;
  CellRules rules;
};

class Domain final : public Transformer {
 public:
  Domain(std::vector<DomainColumn> columns, std::optional<Holds> cast)
      : columns_(std::move(columns)), cast_(cast) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    Port input = from;
    if (cast_) {
      TRY_ASSIGN(input, cast_cells(builder, input, *cast_));
    }
    // A domain of one column is also put around several.
    const std::size_t width =
        columns_.size() == 1 && input.width > 0 ? input.width : columns_.size();
    if (width != input.width && input.kind != Port::Kind::Input) {
      return base::Error(base::Code::Corrupt, fmt::format("domain: expected {} columns, got {}",
                                                          columns_.size(), input.width));
    }
    std::vector<ColumnType> types;
    std::vector<plan::FeatureKind> kinds;
    bool idle = true;
    for (std::size_t c = 0; c < width; ++c) {
      const DomainColumn& column = at(c);
      types.push_back(column.type.value_or(ColumnType::Text));
      kinds.push_back(column.kind.number == NumberKind::Unknown ? input.feature_kind(c)
                                                                : column.kind);
      idle = idle && column.rules.does_nothing();
    }
    if (idle) {
      // Whoever reads the columns says what they are.
      if (input.kind != Port::Kind::Columns) return input;
      input.kinds = std::move(kinds);
      return input;
    }
    TRY_ASSIGN(const Port port, builder.cells(input, types));
    std::vector<plan::MapCells::Part> parts;
    for (std::size_t c = 0; c < width; ++c) {
      const CellRules& rules = at(c).rules;
      if (rules.categories) builder.know_categories(input, c, *rules.categories);
      if (rules.does_nothing()) {
        parts.push_back({nullptr, {c}});
        continue;
      }
      const std::string name = c < port.names.size() ? port.names[c] : "";
      parts.push_back({std::make_shared<plan::CheckDomain>(types[c], rules, name), {c}});
    }
    return builder.add_cells(std::make_shared<plan::MapCells>(std::move(parts)), port,
                             std::move(types), port.names, std::move(kinds));
  }

  const DomainColumn& at(std::size_t c) const {
    return columns_.size() == 1 ? columns_.front() : columns_[c];
  }

  std::vector<DomainColumn> columns_;
  std::optional<Holds> cast_;
};

// None for a column: it stays.
class MultiDomain final : public Transformer {
 public:
  explicit MultiDomain(std::vector<EstimatorPtr> domains) : domains_(std::move(domains)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.declare(from, domains_.size()));
    std::vector<Port> ports;
    for (std::size_t c = 0; c < domains_.size(); ++c) {
      TRY_ASSIGN(Port port, builder.select(input, std::span<const std::size_t>(&c, 1)));
      if (domains_[c] != nullptr) {
        TRY_ASSIGN(port, domains_[c]->emit(Method::Transform, builder, port));
      }
      ports.push_back(std::move(port));
    }
    return builder.hstack(ports);
  }

  std::vector<EstimatorPtr> domains_;  // Null: the column stays.
};

base::Result<Treatment> read_treatment(const Object& object) {
  TRY_ASSIGN(const std::string word, object.text_or("invalid_value_treatment", "return_invalid"));
  if (word == "return_invalid") return Treatment::Refuse;
  if (word == "as_is") return Treatment::Keep;
  if (word == "as_missing") return Treatment::AsMissing;
  if (word == "as_value") return Treatment::Put;
  return object.unsupported("invalid_value_treatment",
                            "\"return_invalid\", \"as_is\", \"as_missing\" or \"as_value\"", word);
}

base::Result<void> read_missing_values(const Object& object, CellRules& rules) {
  const auto value = object.find("missing_values");
  if (!value) return {};
  rules.null = false;
  const bool list = value->is(pickle::Kind::List);
  const std::vector<Value> one = {*value};
  bool first = true;
  for (const Value each : list ? value->items() : std::span<const Value>(one)) {
    const auto put = put_of(each);
    if (const double* number = std::get_if<double>(&put)) {
      rules.missing_numbers.push_back(*number);
    } else if (const auto* text = std::get_if<std::string>(&put)) {
      rules.missing_texts.push_back(*text);
    } else {
      rules.null = true;
    }
    if (first) rules.missing_value = put;
    first = false;
  }
  return {};
}

// What all columns of a domain share.
base::Result<CellRules> read_rules(const Object& object, bool is_object) {
  CellRules rules;
  TRY(read_missing_values(object, rules));
  TRY_ASSIGN(const std::string missing, object.text_or("missing_value_treatment", "as_is"));
  rules.missing_refused = missing == "return_invalid";
  if (const auto put = object.find("missing_value_replacement")) rules.missing_put = put_of(*put);
  const bool none = std::holds_alternative<std::monostate>(rules.missing_put);
  // An object array takes None for what stands for a missing value.
  rules.missing_to_null =
      is_object && none && (!rules.missing_numbers.empty() || !rules.missing_texts.empty());
  if (rules.missing_to_null) rules.missing_value = std::monostate();
  TRY_ASSIGN(rules.invalid, read_treatment(object));
  if (const auto put = object.find("invalid_value_replacement")) rules.invalid_put = put_of(*put);
  return rules;
}

ColumnType type_of(const CellRules::Put& put, ColumnType absent) {
  if (std::holds_alternative<double>(put)) return ColumnType::Number;
  if (std::holds_alternative<std::string>(put)) return ColumnType::Text;
  return absent;
}

// What the fitted data was, as far as the domain says so by itself.
std::optional<Holds> fitted_type(const Object& object) {
  const auto dtype = object.find("dtype_");
  return dtype ? holds_of(*dtype) : std::nullopt;
}

std::optional<Holds> cast_of(const Object& object) {
  const auto dtype = object.find("dtype");
  return dtype ? holds_of(*dtype) : std::nullopt;
}

void set_kind(const std::optional<Holds>& holds, DomainColumn& column) {
  if (holds && holds->what == Holds::What::Category) {
    column.kind = NumberKind::Category;
    column.kind.categories = holds->categories;
  }
  if (!holds || holds->what != Holds::What::Number) return;
  column.type = ColumnType::Number;
  if (column.kind.number == NumberKind::Unknown) column.kind = holds->kind;
}

plan::Categories categories_of(const Values& values) {
  if (!values.is_text()) {
    std::vector<std::pair<double, std::int32_t>> codes;
    for (const double number : values.numbers) codes.emplace_back(number, 0);
    return plan::Categories::of_numbers(codes);
  }
  std::vector<std::pair<std::string, std::int32_t>> codes;
  for (const std::string& text : values.texts) {
    codes.emplace_back(text, static_cast<std::int32_t>(codes.size()));
  }
  return plan::Categories::of_texts(std::move(codes));
}

// One array for one column, and a list of them for several. Releases before 0.5x say data_.
base::Result<std::vector<Values>> read_valid_values(const Object& object) {
  std::vector<Values> columns;
  for (const char* attribute : {"data_values_", "data_"}) {
    const auto value = object.find(attribute);
    if (!value) continue;
    if (value->is(pickle::Kind::List)) {
      for (const Value each : value->items()) {
        TRY_ASSIGN(Values values, read_values(object, attribute, each));
        columns.push_back(std::move(values));
      }
    } else {
      TRY_ASSIGN(Values values, read_values(object, attribute, *value));
      columns.push_back(std::move(values));
    }
    break;
  }
  return columns;
}

// The categories of a pandas dtype, which count where no data was kept.
std::optional<Value> categories_of_dtype(const Object& object) {
  const auto dtype = object.find("dtype_");
  const pickle::Record* record = dtype ? dtype->record() : nullptr;
  if (record == nullptr || record->name() != "CategoricalDtype") return std::nullopt;
  auto categories = dtype->find("categories");
  if (!categories && !record->args.empty()) categories = record->args[0];
  if (!categories || categories->is_none()) return std::nullopt;
  return categories;
}

// What was counted when it was fitted says what a column held.
void set_type_by_counts(const Object& object, DomainColumn& column) {
  const auto counted = object.find("discr_stats_");
  if (!counted || counted->items().empty() || column.type) return;
  const Value first = counted->items()[0];
  auto values = read_values(
      object, "discr_stats_",
      first.items().size() == 2 && first.is(pickle::Kind::Tuple) ? first.items()[0] : first);
  if (!values.ok() || values->size() == 0) return;
  column.type = values->is_text() ? ColumnType::Text : ColumnType::Number;
  if (column.kind.number == NumberKind::Unknown) column.kind = values->kind;
}

Made read_discrete_domain(const Object& object, Reader&) {
  const auto fitted = fitted_type(object);
  const auto dtype = object.find("dtype_");
  const bool is_object = dtype && fitted && fitted->what == Holds::What::Unknown;
  TRY_ASSIGN(const CellRules rules, read_rules(object, is_object));
  TRY_ASSIGN(std::vector<Values> valid, read_valid_values(object));
  if (valid.empty()) {
    if (const auto categories = categories_of_dtype(object)) {
      TRY_ASSIGN(Values values, read_values(object, "dtype_", *categories));
      valid.push_back(std::move(values));
    }
  }
  std::vector<DomainColumn> columns(std::max<std::size_t>(1, valid.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c].rules = rules;
    if (c < valid.size()) {
      if (valid[c].size() > 0) {
        columns[c].type = valid[c].is_text() ? ColumnType::Text : ColumnType::Number;
      }
      columns[c].kind = valid[c].kind;
      columns[c].rules.categories = categories_of(valid[c]);
    }
    set_kind(fitted, columns[c]);
    set_type_by_counts(object, columns[c]);
    if (!columns[c].type) {
      const ColumnType absent =
          rules.missing_numbers.empty() ? ColumnType::Text : ColumnType::Number;
      columns[c].type = type_of(rules.missing_put, absent);
    }
  }
  return std::make_unique<Domain>(std::move(columns), cast_of(object));
}

// A number for all columns, or one for each.
base::Result<std::vector<double>> read_bounds(const Object& object, std::string_view attribute) {
  if (!object.has(attribute)) return std::vector<double>();
  return object.doubles(attribute);
}

double bound_of(const std::vector<double>& bounds, std::size_t c) {
  return bounds.size() == 1 ? bounds[0] : bounds[c];
}

base::Result<void> read_outliers(const Object& object, std::vector<DomainColumn>& columns) {
  TRY_ASSIGN(const std::string word, object.text_or("outlier_treatment", "as_is"));
  if (word == "as_is") return {};
  TRY_ASSIGN(const auto low, object.doubles("low_value"));
  TRY_ASSIGN(const auto high, object.doubles("high_value"));
  const auto fits = [&](const std::vector<double>& bounds) {
    return bounds.size() == 1 || bounds.size() == columns.size();
  };
  if (!fits(low) || !fits(high)) {
    return object.unexpected("low_value", fmt::format("1 or {} numbers", columns.size()),
                             fmt::format("{} and {}", low.size(), high.size()));
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    CellRules& rules = columns[c].rules;
    rules.outlier =
        word == "as_extreme_values" ? CellRules::Outlier::AsExtreme : CellRules::Outlier::AsMissing;
    rules.low = bound_of(low, c);
    rules.high = bound_of(high, c);
  }
  return {};
}

Made read_continuous_domain(const Object& object, Reader&) {
  const auto fitted = fitted_type(object);
  const bool is_object = fitted && fitted->what == Holds::What::Unknown;
  TRY_ASSIGN(const CellRules rules, read_rules(object, is_object));
  TRY_ASSIGN(const auto least, read_bounds(object, "data_min_"));
  TRY_ASSIGN(const auto most, read_bounds(object, "data_max_"));
  if (least.size() != most.size()) {
    return object.unexpected("data_max_", fmt::format("{} numbers", least.size()),
                             std::to_string(most.size()));
  }
  std::vector<DomainColumn> columns(std::max<std::size_t>(1, least.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c].type = ColumnType::Number;
    columns[c].rules = rules;
    set_kind(fitted, columns[c]);
    if (least.empty()) continue;
    columns[c].rules.least = least[c];
    columns[c].rules.most = most[c];
  }
  TRY(read_outliers(object, columns));
  return std::make_unique<Domain>(std::move(columns), cast_of(object));
}

// It casts to what its dtype says, and checks for missing values alone.
Made read_temporal_domain(const Object& object, Reader&) {
  TRY_ASSIGN(CellRules rules, read_rules(object, false));
  if (!rules.missing_texts.empty() || !std::holds_alternative<std::monostate>(rules.missing_put)) {
    return object.unsupported("missing_values", "None for dates", "a value");
  }
  auto cast = cast_of(object);
  if (!cast) {
    cast = Holds{object.class_name() == "DateDomain" ? Holds::What::Date : Holds::What::Seconds};
  }
  std::vector<DomainColumn> columns(1);
  columns[0].type = ColumnType::Number;
  columns[0].rules = std::move(rules);
  return std::make_unique<Domain>(std::move(columns), cast);
}

Made read_multi_domain(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto items, object.list("domains"));
  std::vector<EstimatorPtr> domains;
  for (std::size_t i = 0; i < items.size(); ++i) {
    domains.push_back(items[i].is_none() ? nullptr
                                         : reader.read(items[i], fmt::format("domains[{}]", i)));
  }
  if (domains.empty()) return object.unexpected("domains", "at least one", "none");
  return std::make_unique<MultiDomain>(std::move(domains));
}

Made read_eraser(const Object&, Reader&) { return std::make_unique<Unchanged>(); }

constexpr Entry kDomains[] = {
    {"sklearn2pmml", "CategoricalDomain", read_discrete_domain},
    {"sklearn2pmml", "ContinuousDomain", read_continuous_domain},
    {"sklearn2pmml", "ContinuousDomainEraser", read_eraser},
    {"sklearn2pmml", "DateDomain", read_temporal_domain},
    {"sklearn2pmml", "DateTimeDomain", read_temporal_domain},
    {"sklearn2pmml", "DiscreteDomainEraser", read_eraser},
    {"sklearn2pmml", "DomainEraser", read_eraser},
    {"sklearn2pmml", "MultiDomain", read_multi_domain},
    {"sklearn2pmml", "OrdinalDomain", read_discrete_domain},
};

}  // namespace

std::span<const Entry> domains_entries() { return kDomains; }

}  // namespace companions
