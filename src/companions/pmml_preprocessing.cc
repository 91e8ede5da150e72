#include "companions/pmml_preprocessing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "companions/cells.h"
#include "companions/transformer.h"
#include "plan_cells/cell_number.h"

namespace companions {
namespace {

// CastTransformer: astype() of all columns.
class Cast final : public Transformer {
 public:
  explicit Cast(Holds to) : to_(to) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    return cast_cells(builder, input, to_);
  }
  Holds to_;
};

class MultiCast final : public Transformer {
 public:
  explicit MultiCast(std::vector<Holds> to) : to_(std::move(to)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.declare(from, to_.size()));
    std::vector<Port> ports;
    for (std::size_t c = 0; c < to_.size(); ++c) {
      TRY_ASSIGN(Port port, builder.select(input, std::span<const std::size_t>(&c, 1)));
      TRY_ASSIGN(port, cast_cells(builder, port, to_[c]));
      ports.push_back(std::move(port));
    }
    return builder.hstack(ports);
  }
  std::vector<Holds> to_;
};

base::Result<Holds> read_type(const Object& object, std::string_view attribute, Value value) {
  const auto holds = holds_of(value);
  if (!holds)
    return object.unsupported(attribute, "a type of numbers, texts or dates", describe(value));
  return *holds;
}

Made read_cast(const Object& object, Reader&) {
  const char* attribute = object.has("dtype_") ? "dtype_" : "dtype";
  TRY_ASSIGN(const Value value, object.get(attribute));
  TRY_ASSIGN(const Holds to, read_type(object, attribute, value));
  return std::make_unique<Cast>(to);
}

Made read_multi_cast(const Object& object, Reader&) {
  TRY_ASSIGN(const auto items, object.list("dtypes_"));
  std::vector<Holds> to;
  for (const Value item : items) {
    TRY_ASSIGN(const Holds holds, read_type(object, "dtypes_", item));
    to.push_back(holds);
  }
  return std::make_unique<MultiCast>(std::move(to));
}

// A function of each number by itself; a text is refused.
class OfNumbers final : public Transformer {
 public:
  OfNumbers(std::shared_ptr<const plan::CellFunction> function, NumberKind kind)
      : function_(std::move(function)), kind_(kind) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port numbers, builder.dense(input));
    const std::vector<ColumnType> types(numbers.width, ColumnType::Number);
    TRY_ASSIGN(const Port port, builder.cells(numbers, types));
    return map_each(builder, port,
                    [&](ColumnType, NumberKind, std::size_t) -> base::Result<Mapped> {
                      return Mapped{function_, kind_};
                    });
  }

  std::shared_ptr<const plan::CellFunction> function_;
  NumberKind kind_;
};

Made read_cut(const Object& object, Reader&) {
  plan::Cut::Rules rules;
  TRY_ASSIGN(const Value bins, object.get("bins"));
  auto edges = doubles_of(bins);
  if (!edges.ok() || edges->size() < 2 || !std::is_sorted(edges->begin(), edges->end())) {
    return object.unsupported("bins", "two or more ascending edges", describe(bins));
  }
  rules.edges = *std::move(edges);
  const std::size_t intervals = rules.edges.size() - 1;
  TRY_ASSIGN(rules.right, object.flag("right"));
  TRY_ASSIGN(rules.include_lowest, object.flag("include_lowest"));
  TRY_ASSIGN(const Value labels, object.get("labels"));
  NumberKind kind = NumberKind::Unknown;
  if (labels.as_bool() != false) {
    if (labels.is_none()) return object.unsupported("labels", "False or a list", "None");
    TRY_ASSIGN(Values values, read_values(object, "labels", labels));
    if (values.size() != intervals) {
      return object.unexpected("labels", fmt::format("{} labels", intervals),
                               std::to_string(values.size()));
    }
    rules.texts = std::move(values.texts);
    rules.numbers = std::move(values.numbers);
    kind = values.kind;
  }
  return std::make_unique<OfNumbers>(std::make_shared<plan::Cut>(std::move(rules)), kind);
}

Made read_power(const Object& object, Reader&) {
  TRY_ASSIGN(const auto power, object.integer("power"));
  return std::make_unique<OfNumbers>(std::make_shared<plan::RaisePower>(power),
                                     NumberKind::Unknown);
}

base::Result<double> epoch_of(const Object& object) {
  TRY_ASSIGN(const auto year, object.integer("year"));
  if (year < 1900 || year > 9999) {
    return object.unexpected("year", "1900 to 9999", std::to_string(year));
  }
  const std::chrono::sys_days day(std::chrono::year(static_cast<int>(year)) / 1 / 1);
  return static_cast<double>(day.time_since_epoch().count()) * 86400;
}

// Dates reach it as seconds since 1970, or as texts that say dates.
class Duration final : public Transformer {
 public:
  Duration(double epoch, plan::SinceDate::Unit unit)
      : function_(std::make_shared<plan::SinceDate>(epoch, unit)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port dates, cast_cells(builder, input, {Holds::What::Seconds}));
    return map_each(builder, dates,
                    [&](ColumnType, NumberKind, std::size_t) -> base::Result<Mapped> {
                      return Mapped{function_, NumberKind::Int};
                    });
  }
  std::shared_ptr<const plan::SinceDate> function_;
};

Made read_days(const Object& object, Reader&) {
  TRY_ASSIGN(const double epoch, epoch_of(object));
  return std::make_unique<Duration>(epoch, plan::SinceDate::Unit::Days);
}

Made read_seconds(const Object& object, Reader&) {
  TRY_ASSIGN(const double epoch, epoch_of(object));
  return std::make_unique<Duration>(epoch, plan::SinceDate::Unit::Seconds);
}

Made read_seconds_of_day(const Object&, Reader&) {
  return std::make_unique<Duration>(0, plan::SinceDate::Unit::SecondsOfDay);
}

// Aggregator, AggregateTransformer: one number of each row.
class Aggregated final : public Transformer {
 public:
  explicit Aggregated(plan::Aggregate::Function function)
      : function_(std::make_shared<plan::Aggregate>(function)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port numbers, builder.dense(input));
    const std::vector<ColumnType> types(numbers.width, ColumnType::Number);
    TRY_ASSIGN(const Port port, builder.cells(numbers, types));
    return map_all(builder, port, function_);
  }
  std::shared_ptr<const plan::Aggregate> function_;
};

Made read_aggregate(const Object& object, Reader&) {
  using Function = plan::Aggregate::Function;
  TRY_ASSIGN(const std::string word, object.text("function"));
  Function function = Function::Mean;
  if (word == "sum") {
    function = Function::Sum;
  } else if (word == "prod" || word == "product") {
    function = Function::Product;
  } else if (word == "min") {
    function = Function::Least;
  } else if (word == "max") {
    function = Function::Most;
  } else if (word != "mean" && word != "avg") {
    return object.unsupported("function", "mean, sum, prod, min or max", word);
  }
  return std::make_unique<Aggregated>(function);
}

// DataFrameConstructor and SeriesConstructor: names and a type for what comes.
class Constructed final : public Transformer {
 public:
  Constructed(std::vector<std::string> names, std::optional<Holds> to)
      : names_(std::move(names)), to_(to) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    Port port = input;
    if (to_) {
      TRY_ASSIGN(port, cast_cells(builder, input, *to_));
    }
    if (names_.empty() || port.kind == Port::Kind::Input) return port;
    if (port.width != names_.size()) {
      return base::Error(base::Code::Corrupt, fmt::format("\"columns\": expected {}, got {}",
                                                          port.width, names_.size()));
    }
    port.names = names_;
    return port;
  }

  std::vector<std::string> names_;
  std::optional<Holds> to_;
};

Made read_constructed(const Object& object, Reader&) {
  std::vector<std::string> names;
  if (object.has("columns")) {
    TRY_ASSIGN(names, object.texts("columns"));
  } else if (object.has("name")) {
    TRY_ASSIGN(std::string name, object.text("name"));
    names.push_back(std::move(name));
  }
  std::optional<Holds> to;
  if (const auto dtype = object.find("dtype")) {
    TRY_ASSIGN(to, read_type(object, "dtype", *dtype));
  }
  return std::make_unique<Constructed>(std::move(names), to);
}

constexpr Entry kPmmlPreprocessing[] = {
    {"sklearn2pmml", "AggregateTransformer", read_aggregate},
    {"sklearn2pmml", "Aggregator", read_aggregate},
    {"sklearn2pmml", "CastTransformer", read_cast},
    {"sklearn2pmml", "CutTransformer", read_cut},
    {"sklearn2pmml", "DataFrameConstructor", read_constructed},
    {"sklearn2pmml", "DaysSinceYearTransformer", read_days},
    {"sklearn2pmml", "MultiCastTransformer", read_multi_cast},
    {"sklearn2pmml", "PowerFunctionTransformer", read_power},
    {"sklearn2pmml", "SecondsSinceMidnightTransformer", read_seconds_of_day},
    {"sklearn2pmml", "SecondsSinceYearTransformer", read_seconds},
    {"sklearn2pmml", "SeriesConstructor", read_constructed},
};

}  // namespace

std::span<const Entry> pmml_preprocessing_entries() { return kPmmlPreprocessing; }

}  // namespace companions
