#pragma once

#include <cstddef>
#include <cstring>

namespace plan {

// As many doubles as one register of a target holds: what is wider, compilers keep in memory.
using Two = double __attribute__((vector_size(16)));
using Four = double __attribute__((vector_size(32)));
using Eight = double __attribute__((vector_size(64)));

template <typename Vector>
constexpr std::size_t kLanes = sizeof(Vector) / sizeof(double);

// Values may lie anywhere. Not said by `aligned` of the type: clang's templates do not see it.
template <typename Vector>
inline __attribute__((always_inline)) void load(const double* from, Vector& to) {
  std::memcpy(&to, from, sizeof(Vector));
}

template <typename Vector>
inline __attribute__((always_inline)) void store(const Vector& from, double* to) {
  std::memcpy(to, &from, sizeof(Vector));
}

}  // namespace plan
