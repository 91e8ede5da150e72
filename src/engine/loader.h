#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/files.h"
#include "base/result.h"
#include "engine/network.h"
#include "engine/settings.h"

namespace engine {

// What networks are loaded with. Any thread may use it.
class Loader {
 public:
  Loader() = default;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  virtual ~Loader() = default;

  // Loads the model `name` of the files, and the files of weights that it refers to.
  virtual base::Result<std::unique_ptr<Network>> load(const base::Files& files,
                                                      const std::string& name,
                                                      const Settings& settings) const = 0;

  // Whether the bytes of a file are a network, which its name does not say.
  virtual bool recognises(base::Bytes /*bytes*/) const { return false; }
};

}  // namespace engine
