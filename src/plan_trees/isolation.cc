#include "plan_trees/isolation.h"

#include <cmath>

namespace plan {

std::string IsolationScore::describe() const {
  switch (answer_) {
    case Answer::Score: return "isolation score";
    case Answer::Decision: return "isolation score minus the offset";
    case Answer::Side: break;
  }
  return "isolation: 1, or -1 for an outlier";
}

bool IsolationScore::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const IsolationScore*>(&other);
  return as != nullptr && as->answer_ == answer_ && as->settings_ == settings_;
}

double IsolationScore::answer_of(double depths) const {
  const double sum = settings_.mean_of != 0 ? depths / settings_.mean_of : depths;
  const bool one = settings_.by == 0 && settings_.one_where_by_is_zero;
  const double anomaly = std::pow(2.0, -(one ? 1.0 : sum / settings_.by));
  if (answer_ == Answer::Score) return -anomaly;
  const double decision = settings_.from_half ? 0.5 - anomaly : -anomaly - settings_.offset;
  if (answer_ == Answer::Decision) return decision;
  const bool outlier = settings_.threshold_is_outlier ? decision <= settings_.threshold
                                                      : decision < settings_.threshold;
  return outlier ? -1 : 1;
}

base::Result<void> IsolationScore::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), 1);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    out.dense.values[i] = answer_of(in[0].dense.values[i]);
  }
  return {};
}

}  // namespace plan
