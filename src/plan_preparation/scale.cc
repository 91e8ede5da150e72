#include "plan_preparation/scale.h"

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {

std::string CenterScale::describe() const { return fmt::format("scale {} features", width_); }
double CenterScale::row_ns() const { return 5 + 2 * static_cast<double>(width_); }

bool CenterScale::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const CenterScale*>(&other);
  return as != nullptr && as->width_ == width_ && as->center_ == center_ && as->scale_ == scale_;
}

base::Result<void> CenterScale::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  center_and_scale({.center = center_.empty() ? nullptr : center_.data(),
                    .scale = scale_.empty() ? nullptr : scale_.data(),
                    .width = width_},
                   in[0].dense.values.data(), in.rows(), out.dense.values.data());
  return {};
}

std::string MultiplyAdd::describe() const {
  return fmt::format("scale {} features", factors_.size());
}
double MultiplyAdd::row_ns() const { return 5 + static_cast<double>(factors_.size()) / 2; }

bool MultiplyAdd::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const MultiplyAdd*>(&other);
  return as != nullptr && as->factors_ == factors_ && as->offsets_ == offsets_;
}

base::Result<void> MultiplyAdd::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = factors_.size();
  out.dense.resize(in.rows(), width);
  const double* from = in[0].dense.values.data();
  double* to = out.dense.values.data();
  const double* factors = factors_.data();
  const double* offsets = offsets_.data();
  for (std::size_t i = 0; i < in.rows(); ++i, from += width, to += width) {
    for (std::size_t c = 0; c < width; ++c) to[c] = from[c] * factors[c] + offsets[c];
  }
  return {};
}

std::string Clip::describe() const {
  return fmt::format("keep {} features within {} and {}", width_, low_, high_);
}

base::Result<void> Clip::run(const Inputs& in, Buffer& out, State*) const {
  const bool sparse = form_ == Form::Sparse;
  if (sparse) {
    out.sparse = in[0].sparse;
  } else {
    out.dense = in[0].dense;
  }
  for (double& x : sparse ? out.sparse.values : out.dense.values) {
    const double low = x < low_ ? low_ : x;
    x = low > high_ ? high_ : low;
  }
  return {};
}

std::string MultiplyAll::describe() const {
  return fmt::format("multiply {} features by {}", width_, factor_);
}

base::Result<void> MultiplyAll::run(const Inputs& in, Buffer& out, State*) const {
  const bool sparse = form_ == Form::Sparse;
  if (sparse) {
    out.sparse = in[0].sparse;
  } else {
    out.dense = in[0].dense;
  }
  for (double& value : sparse ? out.sparse.values : out.dense.values) value *= factor_;
  return {};
}

std::string Multiply::describe() const {
  return fmt::format("multiply {} features", factors_.size());
}
double Multiply::row_ns() const { return 5 + static_cast<double>(factors_.size()) / 4; }

base::Result<void> Multiply::run(const Inputs& in, Buffer& out, State*) const {
  if (form_ == Form::Sparse) {
    out.sparse = in[0].sparse;
    for (std::size_t k = 0; k < out.sparse.values.size(); ++k) {
      out.sparse.values[k] *= factors_[out.sparse.indices[k]];
    }
    return {};
  }
  out.dense.resize(in.rows(), factors_.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* from = in[0].dense.row(i);
    double* to = out.dense.row(i);
    for (std::size_t c = 0; c < factors_.size(); ++c) to[c] = from[c] * factors_[c];
  }
  return {};
}

}  // namespace plan
