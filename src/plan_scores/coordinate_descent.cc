#include "plan_scores/coordinate_descent.h"

#include <algorithm>
#include <cmath>

namespace plan {
namespace {

void add_scaled_row(double factor, const double* row, std::vector<double>& to) {
  for (std::size_t k = 0; k < to.size(); ++k) to[k] += factor * row[k];
}

}  // namespace

// With alpha 0 there is no such gap, and from 1.9 on the gradient is looked at.
CoordinateDescent::Gap CoordinateDescent::find_gap(const double* q, double y_squared,
                                                   Memory& memory, const double* w) const {
  const std::size_t count = memory.product.size();
  double w_dot_q = 0;
  double w_gram_w = 0;
  double l1 = 0;
  for (std::size_t k = 0; k < count; ++k) {
    memory.residual[k] = q[k] - memory.product[k];
    w_dot_q += w[k] * q[k];
    w_gram_w += w[k] * memory.product[k];
    l1 += std::abs(w[k]);
  }
  double norm = positive ? memory.residual[0] : 0;
  for (const double each : memory.residual) norm = std::max(norm, positive ? each : std::abs(each));
  if (alpha == 0 && screening == Screening::Remaining) {
    double squares = 0;
    for (const double each : memory.residual) squares += each * each;
    return {squares, squares};
  }
  const double left = y_squared + w_gram_w - 2.0 * w_dot_q;
  const double scale = norm > alpha ? alpha / norm : 1.0;
  const double primal = 0.5 * left + alpha * l1;
  const double dual = -0.5 * (scale * scale) * left + scale * (y_squared - w_dot_q);
  return {primal - dual, norm};
}

// Gap safe screening (https://arxiv.org/abs/1802.07481, equation 11).
void CoordinateDescent::screen(const Matrix& gram, Gap gap, bool first, Memory& memory,
                               double* w) const {
  const double radius = std::sqrt(2 * std::abs(gap.gap)) / alpha;
  memory.active.clear();
  for (std::size_t k = 0; k < gram.rows; ++k) {
    if (!first && screening == Screening::Remaining && memory.excluded[k] != 0) continue;
    const double diagonal = gram.row(k)[k];
    const double theta = memory.residual[k] / std::max(alpha, gap.dual_norm);
    const bool stays = diagonal != 0 && (1 - std::abs(theta)) / std::sqrt(diagonal) <= radius;
    memory.excluded[k] = stays ? 0 : 1;
    if (stays) {
      memory.active.push_back(static_cast<std::uint32_t>(k));
    } else {
      if (diagonal != 0 && w[k] != 0) add_scaled_row(-w[k], gram.row(k), memory.product);
      w[k] = 0;
    }
  }
}

// One round over the coordinates. Gives the largest change over the largest coefficient.
double CoordinateDescent::descend(const Matrix& gram, const double* q, Memory& memory,
                                  double* w) const {
  double w_most = 0;
  double change_most = 0;
  for (const std::uint32_t k : memory.active) {
    const double diagonal = gram.row(k)[k];
    if (diagonal == 0) continue;
    const double before = w[k];
    double at = q[k] - memory.product[k] + before * diagonal;
    if (screening == Screening::Never) {
      if (before != 0) add_scaled_row(-before, gram.row(k), memory.product);
      at = q[k] - memory.product[k];
    }
    const double size = std::max(std::abs(at) - alpha, 0.0) / diagonal;
    w[k] = (positive && at < 0) || at == 0 ? 0 : at > 0 ? size : -size;
    if (screening == Screening::Never) {
      if (w[k] != 0) add_scaled_row(w[k], gram.row(k), memory.product);
    } else if (w[k] != before) {
      add_scaled_row(w[k] - before, gram.row(k), memory.product);
    }
    change_most = std::max(change_most, std::abs(w[k] - before));
    w_most = std::max(w_most, std::abs(w[k]));
  }
  return w_most == 0 ? 0 : change_most / w_most;
}

void CoordinateDescent::solve(const Matrix& gram, const double* q, double y_squared, Memory& memory,
                              double* w) const {
  const std::size_t count = gram.rows;
  std::fill(w, w + count, 0.0);
  memory.product.assign(count, 0.0);
  memory.residual.assign(count, 0.0);
  memory.excluded.assign(count, 0);
  memory.active.clear();
  const double small = tolerance * y_squared;
  if (screening != Screening::Never) {
    const Gap gap = find_gap(q, y_squared, memory, w);
    if (gap.gap >= 0 && gap.gap <= small) return;
    if (alpha != 0) screen(gram, gap, true, memory, w);
  }
  if (screening == Screening::Never || alpha == 0) {
    for (std::size_t k = 0; k < count; ++k) memory.active.push_back(static_cast<std::uint32_t>(k));
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    const double change = descend(gram, q, memory, w);
    const bool settled =
        screening == Screening::Never ? change == 0 || change < tolerance : change <= tolerance;
    if (!settled && round + 1 < rounds) continue;
    const Gap gap = find_gap(q, y_squared, memory, w);
    if (gap.gap < small || (gap.gap == small && screening != Screening::Never)) return;
    if (screening != Screening::Never && alpha != 0) screen(gram, gap, false, memory, w);
  }
}

}  // namespace plan
