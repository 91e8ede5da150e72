#pragma once

#include <cstdint>

#include "auth/scope.h"
#include "contract/route.h"

namespace front {

// Who may ask for something: everybody, or who holds a key of a scope. There is no other way to
// make one, so what a path leads to cannot come without.
class Permission {
 public:
  static constexpr Permission open() { return {Kind::Open, auth::Scope::Score}; }
  static constexpr Permission key_for(auth::Scope scope) { return {Kind::Key, scope}; }
  static constexpr Permission nobody() { return {Kind::Nobody, auth::Scope::Score}; }

  constexpr bool is_open() const { return kind_ == Kind::Open; }
  constexpr bool is_nobodys() const { return kind_ == Kind::Nobody; }
  constexpr auth::Scope scope() const { return scope_; }

 private:
  enum class Kind : std::uint8_t { Open, Key, Nobody };
  constexpr Permission(Kind kind, auth::Scope scope) : kind_(kind), scope_(scope) {}

  Kind kind_;
  auth::Scope scope_;
};

// The table of permissions. It has no default: an action that is not in it does not compile.
Permission permission_of(contract::Action action);

}  // namespace front
