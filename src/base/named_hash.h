#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

// A hash function by the name that Python's hashlib has for it: "md5", "sha1", "blake2b". For what
// others hashed with it; what is hashed here for the first time is a Digest. Immutable.
class NamedHash {
 public:
  // Refuses a name that hashlib does not guarantee, and those whose length a caller chooses.
  static Result<NamedHash> find(std::string_view name);

  const std::string& name() const { return name_; }

  // The memory of one thread.
  class Scratch {
   public:
    explicit Scratch(const NamedHash& hash);
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();

   private:
    friend class NamedHash;
    struct State;
    std::unique_ptr<State> state_;
  };
  // The digest of a text; it stays until the next one.
  std::span<const std::uint8_t> digest(std::string_view text, Scratch& scratch) const;

 private:
  explicit NamedHash(std::string name) : name_(std::move(name)) {}

  std::string name_;
  std::shared_ptr<const void> function_;
};

}  // namespace base
