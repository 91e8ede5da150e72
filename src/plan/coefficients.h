#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace plan {

// The coefficients of a linear model, features x outputs: what one feature adds to every output
// lies together, so a sparse row reads only what it touches. Made once, and shared by the plans of
// all methods of a model. Immutable.
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
  // Precondition: source.doubles has outputs * features of them, and outputs is not 0.
  static std::shared_ptr<const Coefficients> make(const Source& source);

  std::size_t outputs() const { return outputs_; }
  std::size_t features() const { return features_; }
  const double* of_feature(std::size_t feature) const { return values_.get() + feature * outputs_; }

 private:
  struct Free {
    void operator()(double* values) const;
  };
  Coefficients(std::size_t outputs, std::size_t features);

  std::size_t outputs_;
  std::size_t features_;
  // Not a vector, which would fill them with zeros first.
  std::unique_ptr<double[], Free> values_;
};

}  // namespace plan
