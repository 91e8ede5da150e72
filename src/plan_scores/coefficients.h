#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace plan {

// The coefficients of a linear model, shared by the plans of all its methods. Immutable. Where many
// rows are to be scored they lie features x outputs: what one feature adds to every output lies
// together, so a sparse row reads only what it touches. For few rows that is not worth a copy of
// them all, and they may be read where a file has them.
class Coefficients {
 public:
  // coef_, outputs x features, as a file holds it: doubles of this machine, of any alignment,
  // row-major or column-major.
  struct Source {
    std::size_t outputs = 0;
    std::size_t features = 0;
    base::Bytes doubles;
    bool column_major = false;
  };
  // By feature. Precondition: source.doubles has outputs * features of them, and outputs is not 0.
  static std::shared_ptr<const Coefficients> make(const Source& source);
  // The same where they lie, for as long as `holder` keeps them as they are. Precondition: also
  // row-major.
  static std::shared_ptr<const Coefficients> view(const Source& source,
                                                  std::shared_ptr<const void> holder);
  // `any` itself where it is by feature, else a copy that is.
  static std::shared_ptr<const Coefficients> by_feature(std::shared_ptr<const Coefficients> any);

  std::size_t outputs() const { return source_.outputs; }
  std::size_t features() const { return source_.features; }
  bool is_by_feature() const { return values_ != nullptr; }
  // Precondition: is_by_feature().
  const double* of_feature(std::size_t feature) const {
    return values_.get() + feature * source_.outputs;
  }
  // As the file has them. Precondition: !is_by_feature().
  base::Bytes in_file() const { return source_.doubles; }

 private:
  struct Free {
    void operator()(double* values) const;
  };
  explicit Coefficients(const Source& source) : source_(source) {}

  Source source_;                           // Its doubles are there as long as holder_ is.
  std::shared_ptr<const void> holder_;      // Null where they are by feature.
  std::unique_ptr<double[], Free> values_;  // Not a vector, which would fill them first.
};

}  // namespace plan
