#include "auth/algorithm.h"

#include <array>

namespace auth {
namespace {

constexpr std::array kAlgorithms = {Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256,
                                    Algorithm::EdDsa};

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::Rs256: return "RS256";
    case Algorithm::Ps256: return "PS256";
    case Algorithm::Es256: return "ES256";
    case Algorithm::EdDsa: return "EdDSA";
  }
  return "";
}

std::optional<Algorithm> find_algorithm(std::string_view name) {
  if (name == "Ed25519") return Algorithm::EdDsa;
  for (const Algorithm each : kAlgorithms) {
    if (algorithm_name(each) == name) return each;
  }
  return std::nullopt;
}

std::string Algorithms::names() const {
  std::string names;
  for (const Algorithm each : kAlgorithms) {
    if (!contains(each)) continue;
    if (!names.empty()) names += ", ";
    names += algorithm_name(each);
  }
  return names;
}

}  // namespace auth
