#include "plan_scores/least_angle.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace plan {
namespace {

constexpr double kTiny = std::numeric_limits<float>::min();
constexpr double kAlmost = std::numeric_limits<float>::epsilon();
constexpr double kDiagonalMin = std::numeric_limits<double>::epsilon();
// A diagonal of the factor below it is that of an atom which the active ones make up.
constexpr double kDegenerate = 1e-7;
// numpy.around of the decimals that a double has.
constexpr double kDecimals = 1e15;
// How often the factor's diagonal is made larger where a direction has no length.
constexpr unsigned kRescuesMax = 1000;

double smaller_positive(double value, double than) {
  return value > 0 && value < than ? value : than;
}

}  // namespace

// One run of the algorithm; what it says in names is what the functions of lars_path say.
struct LeastAngle::Run {
  const Options& options;
  const Matrix& gram;
  const double* target;
  Memory& memory;
  double* coefficients;
  std::size_t steps = 0;
  double alpha = 0;
  double alpha_before = 0;
  bool drop = false;

  std::size_t count() const { return memory.active.size(); }
  double* factor_row(std::size_t i) { return memory.factor.data() + i * memory.room; }

  void start();
  std::size_t find_largest() const;
  double correlation_of(std::size_t place) const;
  bool ends_here(double most);
  bool add(std::size_t place);
  void solve_factor();
  double find_direction();
  double find_step(double most, double along);
  std::size_t find_sign_change(double& length);
  void remove(std::size_t place);
  void delete_from_factor(std::size_t place);
  bool advance();
};

void LeastAngle::Run::start() {
  const std::size_t atoms = gram.rows;
  memory.room = std::min(options.steps, atoms);
  memory.correlations.assign(target, target + atoms);
  memory.order.resize(atoms);
  std::iota(memory.order.begin(), memory.order.end(), std::size_t{0});
  memory.factor.assign(memory.room * memory.room, 0.0);
  memory.signs.clear();
  memory.active.clear();
  memory.before.assign(atoms, 0.0);
  std::fill(coefficients, coefficients + atoms, 0.0);
}

double LeastAngle::Run::correlation_of(std::size_t place) const {
  const double value = memory.correlations[place];
  return options.positive ? value : std::abs(value);
}

std::size_t LeastAngle::Run::find_largest() const {
  std::size_t best = 0;
  for (std::size_t k = 1; k < memory.correlations.size(); ++k) {
    if (correlation_of(k) > correlation_of(best)) best = k;
  }
  return best;
}

// Whether alpha_min was passed; then the answer lies between the last two steps.
bool LeastAngle::Run::ends_here(double most) {
  alpha = most / options.samples;
  if (!(alpha <= options.alpha_min + kAlmost)) return false;
  if (std::abs(alpha - options.alpha_min) > kAlmost && steps > 0) {
    const double share = (alpha_before - options.alpha_min) / (alpha_before - alpha);
    for (std::size_t k = 0; k < gram.rows; ++k) {
      coefficients[k] = memory.before[k] + share * (coefficients[k] - memory.before[k]);
    }
  }
  return true;
}

// Makes the atom at that place of the correlations active; false where those that are make it up.
bool LeastAngle::Run::add(std::size_t place) {
  const std::size_t m = count();
  const double correlation = memory.correlations[place];
  std::swap(memory.correlations[place], memory.correlations[0]);
  std::swap(memory.order[place + m], memory.order[m]);
  const std::size_t atom = memory.order[m];
  double* row = factor_row(m);
  double square = 0;
  for (std::size_t i = 0; i < m; ++i) {
    double sum = gram.row(atom)[memory.order[i]];
    const double* above = factor_row(i);
    for (std::size_t k = 0; k < i; ++k) sum -= above[k] * row[k];
    row[i] = sum / above[i];
    square += row[i] * row[i];
  }
  row[m] = std::max(std::sqrt(std::abs(gram.row(atom)[atom] - square)), kDiagonalMin);
  if (row[m] < kDegenerate) {
    memory.correlations[0] = 0;
    std::swap(memory.correlations[place], memory.correlations[0]);
    return false;
  }
  memory.correlations.erase(memory.correlations.begin());
  const double sign = correlation > 0 ? 1 : correlation < 0 ? -1 : 0;
  memory.signs.push_back(options.positive ? 1 : sign);
  memory.active.push_back(atom);
  return true;
}

// direction = (L L^T)^-1 signs
void LeastAngle::Run::solve_factor() {
  const std::size_t active = count();
  memory.direction = memory.signs;
  for (std::size_t i = 0; i < active; ++i) {
    const double* row = factor_row(i);
    for (std::size_t k = 0; k < i; ++k) memory.direction[i] -= row[k] * memory.direction[k];
    memory.direction[i] /= row[i];
  }
  for (std::size_t i = active; i-- > 0;) {
    for (std::size_t k = i + 1; k < active; ++k) {
      memory.direction[i] -= factor_row(k)[i] * memory.direction[k];
    }
    memory.direction[i] /= factor_row(i)[i];
  }
}

// The direction in which the active ones stay equally correlated, and 1 over its length.
double LeastAngle::Run::find_direction() {
  solve_factor();
  if (count() == 1 && memory.direction[0] == 0) {
    memory.direction[0] = 1;
    return 1;
  }
  const auto length = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < count(); ++i) sum += memory.direction[i] * memory.signs[i];
    return sum;
  };
  double scale = 1 / std::sqrt(length());
  double more = kDiagonalMin;
  memory.diagonal.clear();
  for (std::size_t k = 0; k < count(); ++k) memory.diagonal.push_back(factor_row(k)[k]);
  for (unsigned i = 0; !std::isfinite(scale) && i < kRescuesMax; ++i, more *= 2) {
    if (std::isnan(length())) break;  // It stays so.
    for (std::size_t k = 0; k < count(); ++k) factor_row(k)[k] += more;
    solve_factor();
    scale = 1 / std::sqrt(std::max(length(), kDiagonalMin));
  }
  for (std::size_t k = 0; k < count(); ++k) factor_row(k)[k] = memory.diagonal[k];
  for (double& each : memory.direction) each *= scale;
  return scale;
}

// How far it goes until another is as correlated; leaves the direction's correlations.
double LeastAngle::Run::find_step(double most, double along) {
  const std::size_t active = count();
  const std::size_t others = memory.correlations.size();
  memory.alongside.assign(others, 0.0);
  double length = std::numeric_limits<double>::max();
  double other_way = length;
  for (std::size_t k = 0; k < others; ++k) {
    const double* row = gram.row(memory.order[active + k]);
    double sum = 0;
    for (std::size_t i = 0; i < active; ++i) sum += row[memory.order[i]] * memory.direction[i];
    const double scaled = sum * kDecimals;
    if (std::isfinite(scaled)) sum = std::nearbyint(scaled) / kDecimals;
    memory.alongside[k] = sum;
    const double correlation = memory.correlations[k];
    length = smaller_positive((most - correlation) / (along - sum + kTiny), length);
    other_way = smaller_positive((most + correlation) / (along + sum + kTiny), other_way);
  }
  if (!options.positive) length = std::min(length, other_way);
  return std::min(length, most / along);
}

// The place among the active of the first coefficient that would change its sign before `length`,
// which the lasso then ends at; count() for none.
std::size_t LeastAngle::Run::find_sign_change(double& length) {
  double first = std::numeric_limits<double>::max();
  std::size_t changed = count();
  for (std::size_t i = 0; i < count(); ++i) {
    const double at = -coefficients[memory.active[i]] / (memory.direction[i] + kTiny);
    if (at > 0 && at <= first) {
      first = at;
      changed = i;
    }
  }
  if (!(first < length)) return count();
  memory.signs[changed] = -memory.signs[changed];
  if (options.lasso) length = first;
  return changed;
}

// Givens rotations make the factor of the others triangular again.
void LeastAngle::Run::delete_from_factor(std::size_t place) {
  const std::size_t active = count();
  for (std::size_t i = place; i + 1 < active; ++i) {
    std::copy_n(factor_row(i + 1), i + 2, factor_row(i));
  }
  for (std::size_t i = place; i + 1 < active; ++i) {
    double* row = factor_row(i);
    const double length = std::hypot(row[i], row[i + 1]);
    const double c = length == 0 ? 1 : row[i] / length;
    const double s = length == 0 ? 0 : row[i + 1] / length;
    row[i] = length;
    row[i + 1] = 0;
    for (std::size_t k = i + 1; k + 1 < active; ++k) {
      double* below = factor_row(k);
      const double left = below[i];
      below[i] = c * left + s * below[i + 1];
      below[i + 1] = c * below[i + 1] - s * left;
    }
  }
}

void LeastAngle::Run::remove(std::size_t place) {
  delete_from_factor(place);
  const std::size_t atom = memory.active[place];
  memory.active.erase(memory.active.begin() + static_cast<std::ptrdiff_t>(place));
  memory.signs.erase(memory.signs.begin() + static_cast<std::ptrdiff_t>(place));
  for (std::size_t i = place; i < count(); ++i) std::swap(memory.order[i], memory.order[i + 1]);
  double correlation = target[atom];
  for (std::size_t k = 0; k < gram.rows; ++k) correlation -= gram.row(atom)[k] * coefficients[k];
  memory.correlations.insert(memory.correlations.begin(), correlation);
}

// One step; false at the end.
bool LeastAngle::Run::advance() {
  const std::size_t place = find_largest();
  const double most = memory.correlations.empty() ? 0 : correlation_of(place);
  if (ends_here(most) || steps >= options.steps || count() >= gram.rows) return false;
  if (!drop) {
    // What the active ones make up is not looked at again.
    if (count() >= memory.room) return false;
    if (!add(place)) return true;
  }
  if (count() == 0 || (options.lasso && steps > 0 && alpha_before < alpha)) return false;
  const double along = find_direction();
  double length = find_step(most, along);
  const std::size_t changed = find_sign_change(length);
  drop = changed < count();
  ++steps;
  alpha_before = alpha;
  memory.before.assign(coefficients, coefficients + gram.rows);
  std::fill(coefficients, coefficients + gram.rows, 0.0);
  for (std::size_t i = 0; i < count(); ++i) {
    const std::size_t atom = memory.active[i];
    coefficients[atom] = memory.before[atom] + length * memory.direction[i];
  }
  for (std::size_t k = 0; k < memory.correlations.size(); ++k) {
    memory.correlations[k] -= length * memory.alongside[k];
  }
  if (drop && options.lasso) remove(changed);
  return true;
}

void LeastAngle::solve(const Matrix& gram, const double* target, Memory& memory,
                       double* coefficients) const {
  Run run{options_, gram, target, memory, coefficients};
  run.start();
  // An atom that is left out takes a round and no step.
  const std::size_t rounds = options_.steps + 2 * gram.rows;
  for (std::size_t i = 0; i <= rounds && run.advance(); ++i) {
  }
}

}  // namespace plan
