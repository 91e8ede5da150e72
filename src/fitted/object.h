#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/signature.h"
#include "pickle/value.h"

namespace fitted {

// A release of scikit-learn, as far as its files differ: "1.4.2" is {1, 4}.
struct Release {
  int major = 0;
  int minor = 0;
  static Release parse(std::string_view text);
  // NOLINTNEXTLINE(modernize-use-nullptr): the comparison is with a zero of its own kind.
  auto operator<=>(const Release&) const = default;
};

// Numbers of a two-dimensional attribute. They can be very many, so they stay where the document
// has them if they are doubles there: a view, the document must live.
struct Table {
  std::size_t rows = 0;
  std::size_t columns = 0;
  base::Bytes doubles;            // Of any alignment.
  bool column_major = false;      // How they lie.
  std::vector<double> converted;  // What `doubles` views where the document has other numbers.
};

// A pickled instance read attribute by attribute. Every refusal names the class, the attribute,
// what was expected and what came. A view: the document must live.
class Object {
 public:
  // `release` is that of the file, for classes that do not say their own.
  static base::Result<Object> of(pickle::Value value, Release release);

  std::string_view module() const { return record_->module(); }
  // The file's, or the one that it is read as.
  std::string_view class_name() const { return as_.empty() ? record_->name() : as_; }
  // "sklearn.linear_model" of "sklearn.linear_model._logistic", "lightgbm" of "lightgbm.sklearn":
  // what releases that move classes between modules leave alone.
  std::string package() const;
  // The same, read as that class of a library; the name must live.
  Object as(std::string_view class_name) const {
    Object made = *this;
    made.as_ = class_name;
    return made;
  }
  // "sklearn.linear_model.LogisticRegression", what the file says.
  std::string title() const;
  Release release() const { return release_; }
  pickle::Value value() const { return value_; }

  // The attribute, nothing where it is absent or None.
  std::optional<pickle::Value> find(std::string_view attribute) const;
  bool has(std::string_view attribute) const { return find(attribute).has_value(); }

  base::Result<pickle::Value> get(std::string_view attribute) const;
  base::Result<double> number(std::string_view attribute) const;
  base::Result<std::int64_t> integer(std::string_view attribute) const;
  base::Result<bool> flag(std::string_view attribute) const;
  base::Result<bool> flag_or(std::string_view attribute, bool absent) const;
  base::Result<std::string> text(std::string_view attribute) const;
  base::Result<std::string> text_or(std::string_view attribute, std::string_view absent) const;
  // An array of any shape, row-major.
  base::Result<std::vector<double>> doubles(std::string_view attribute) const;
  // An array or list of `count` numbers.
  base::Result<std::vector<double>> doubles(std::string_view attribute, std::size_t count) const;
  base::Result<Table> table(std::string_view attribute) const;
  base::Result<std::vector<std::int64_t>> integers(std::string_view attribute) const;
  // A list, tuple or array of texts.
  base::Result<std::vector<std::string>> texts(std::string_view attribute) const;
  // The values of a list, tuple or object array.
  base::Result<std::vector<pickle::Value>> list(std::string_view attribute) const;
  // classes_: one set of labels.
  base::Result<data::Labels> labels(std::string_view attribute) const;

  // `sklearn.x.Y "attribute": expected ..., got ...`
  base::Error unexpected(std::string_view attribute, std::string_view expected,
                         std::string_view got) const;
  base::Error unexpected(std::string_view attribute, std::string_view expected,
                         pickle::Value got) const;
  // The same for what is understood and cannot be run.
  base::Error unsupported(std::string_view attribute, std::string_view expected,
                          std::string_view got) const;

 private:
  Object(pickle::Value value, const pickle::Record& record, Release release)
      : value_(value), record_(&record), release_(release) {}

  pickle::Value value_;
  const pickle::Record* record_;
  Release release_;
  std::string_view as_;
};

// Object::package() of a class in that module.
std::string package_of(std::string_view module);

// What a value is, for a message: "float64[3, 4]", "None", "\"l2\"", "a sklearn.svm._classes.SVC".
std::string describe(pickle::Value value);

// Conversions that stand on a value alone.
base::Result<std::vector<double>> doubles_of(pickle::Value value);
base::Result<std::vector<std::string>> texts_of(pickle::Value value);
base::Result<std::vector<pickle::Value>> values_of(pickle::Value value);
base::Result<data::Labels> labels_of(pickle::Value value);
// Which of the labels a value is, as Python compares them: 1, 1.0 and True are the same.
std::optional<std::size_t> find_label(const data::Labels& labels, pickle::Value value);

}  // namespace fitted
