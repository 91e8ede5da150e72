#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plan/step.h"

namespace plan {

// What counts as missing in a number column: NaN, or one number.
struct MissingNumber {
  std::optional<double> value;  // Nothing: NaN.
  bool is(double x) const { return value ? x == *value : x != x; }
};

// Puts a number where one is missing and drops features that have none to put
// (SimpleImputer.transform on numbers).
class ImputeNumbers final : public Step {
 public:
  // `fill` has one value a feature; features that are not `kept` are dropped.
  ImputeNumbers(MissingNumber missing, std::vector<double> fill, std::vector<std::size_t> kept)
      : missing_(missing), fill_(std::move(fill)), kept_(std::move(kept)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  MissingNumber missing_;
  std::vector<double> fill_;
  std::vector<std::size_t> kept_;
};

// 1 where the feature is missing, else 0, for the given features (MissingIndicator.transform).
class Indicate final : public Step {
 public:
  // `whole`: features that may not be missing, as they never were when it was fitted; empty: none.
  Indicate(MissingNumber missing, std::vector<std::size_t> features,
           std::vector<std::size_t> whole = {}, std::vector<std::string> names = {})
      : missing_(missing),
        features_(std::move(features)),
        whole_(std::move(whole)),
        names_(std::move(names)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  MissingNumber missing_;
  std::vector<std::size_t> features_;
  std::vector<std::size_t> whole_;
  std::vector<std::string> names_;  // For messages; may be empty.
};

// The same of columns of numbers and texts.
class IndicateCells final : public Step {
 public:
  IndicateCells(MissingNumber missing_number, std::optional<std::string> missing_text,
                std::vector<std::size_t> columns)
      : missing_number_(missing_number),
        missing_text_(std::move(missing_text)),
        columns_(std::move(columns)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 2 * static_cast<double>(columns_.size()); }

 private:
  MissingNumber missing_number_;
  std::optional<std::string> missing_text_;
  std::vector<std::size_t> columns_;
};

// Puts a value where one is missing in columns of numbers and texts (SimpleImputer on an object
// frame). A missing text is None or NaN, or one text.
class ImputeCells final : public Step {
 public:
  using Fill = std::variant<double, std::string>;  // By the column's type.
  ImputeCells(MissingNumber missing_number, std::optional<std::string> missing_text,
              std::vector<Fill> fill)
      : missing_number_(missing_number),
        missing_text_(std::move(missing_text)),
        fill_(std::move(fill)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;

 private:
  MissingNumber missing_number_;
  std::optional<std::string> missing_text_;
  std::vector<Fill> fill_;
};

}  // namespace plan
