#include "auth/scope.h"

#include <array>

namespace auth {
namespace {

constexpr std::array kScopes = {Scope::Score, Scope::Metrics, Scope::Manage};

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::Score: return "score";
    case Scope::Metrics: return "metrics";
    case Scope::Manage: return "manage";
  }
  return "";
}

std::optional<Scope> find_scope(std::string_view name) {
  for (const Scope scope : kScopes) {
    if (scope_name(scope) == name) return scope;
  }
  return std::nullopt;
}

std::vector<std::string_view> Scopes::names() const {
  std::vector<std::string_view> names;
  for (const Scope scope : kScopes) {
    if (contains(scope)) names.push_back(scope_name(scope));
  }
  return names;
}

}  // namespace auth
