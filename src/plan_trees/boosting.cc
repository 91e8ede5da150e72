#include "plan_trees/boosting.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

// scipy.special.logit: near one half the plain quotient loses digits.
double logit_of(double p) {
  if (p < 0.3 || p > 0.65) return std::log(p / (1 - p));
  const double s = 2 * (p - 0.5);
  return std::log1p(s) - std::log1p(-s);
}

void round_all(const std::vector<double>& from, std::vector<double>& to) {
  to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = static_cast<double>(static_cast<float>(from[i]));
  }
}

// numpy's clip: of a NaN nothing is left but that.
double within(double p, double margin) { return std::min(std::max(p, margin), 1 - margin); }

// log(p / scipy.stats.gmean(p)), where the mean is exp of the mean of the logarithms.
void put_centred_logs(double margin, const double* from, std::size_t classes, double* to) {
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    to[k] = within(from[k], margin);
    sum += std::log(to[k]);
  }
  const double mean = std::exp(sum / static_cast<double>(classes));
  for (std::size_t k = 0; k < classes; ++k) to[k] = std::log(to[k] / mean);
}

}  // namespace

std::string RoundToFloat32::describe() const {
  return fmt::format("round {} columns to float32", width_);
}

bool RoundToFloat32::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const RoundToFloat32*>(&other);
  return as != nullptr && as->form_ == form_ && as->width_ == width_;
}

base::Result<void> RoundToFloat32::run(const Inputs& in, Buffer& out, State*) const {
  if (form_ == Form::Dense) {
    out.dense.resize(in.rows(), width_);
    round_all(in[0].dense.values, out.dense.values);
    return {};
  }
  const SparseMatrix& from = in[0].sparse;
  out.sparse.rows = from.rows;
  out.sparse.columns = from.columns;
  out.sparse.starts = from.starts;
  out.sparse.indices = from.indices;
  round_all(from.values, out.sparse.values);
  return {};
}

std::size_t raw_width(RawKind kind, std::size_t classes) {
  return kind == RawKind::Log || kind == RawKind::CentredLog ? classes : 1;
}

void put_raw_scores(RawKind kind, double margin, const double* from, std::size_t classes,
                    double* to) {
  const double p = within(from[classes > 1 ? 1 : 0], margin);
  switch (kind) {
    case RawKind::LogOdds: to[0] = std::log(p / (1 - p)); break;
    case RawKind::HalfLogOdds: to[0] = 0.5 * std::log(p / (1 - p)); break;
    case RawKind::Logit: to[0] = logit_of(p); break;
    case RawKind::HalfLogit: to[0] = 0.5 * logit_of(p); break;
    case RawKind::Log:
      for (std::size_t k = 0; k < classes; ++k) to[k] = std::log(within(from[k], margin));
      break;
    case RawKind::CentredLog: put_centred_logs(margin, from, classes, to); break;
  }
}

std::string RawScores::describe() const {
  return fmt::format("raw scores of {} probabilities", classes_);
}

bool RawScores::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const RawScores*>(&other);
  return as != nullptr && as->kind_ == kind_ && as->margin_ == margin_ && as->classes_ == classes_;
}

base::Result<void> RawScores::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), raw_width(kind_, classes_));
  for (std::size_t i = 0; i < in.rows(); ++i) {
    put_raw_scores(kind_, margin_, in[0].dense.row(i), classes_, out.dense.row(i));
  }
  return {};
}

bool NotBelowZero::same_as(const Step& other) const {
  return dynamic_cast<const NotBelowZero*>(&other) != nullptr;
}

base::Result<void> NotBelowZero::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    out.dense.values[i] = in[0].dense.values[i] >= 0 ? 1 : 0;
  }
  return {};
}

std::string LogOfEach::describe() const { return fmt::format("log of {} columns", width_); }

bool LogOfEach::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const LogOfEach*>(&other);
  return as != nullptr && as->width_ == width_;
}

base::Result<void> LogOfEach::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  const std::vector<double>& from = in[0].dense.values;
  for (std::size_t k = 0; k < from.size(); ++k) out.dense.values[k] = std::log(from[k]);
  return {};
}

}  // namespace plan
