#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "image/system_root.h"

namespace image {

// A program or shared object as it lies in a system.
struct Object {
  std::string name;  // What it is needed as ("libz.so.1"); a program's own name.
  std::string path;  // Every link followed.
  std::shared_ptr<const base::MappedFile> file;
};

// What the dynamic loader maps when a program starts.
struct Closure {
  std::uint16_t machine = 0;
  Object program;
  std::string interpreter_path;   // As the program names it; empty: it is linked statically.
  Object interpreter;             // Without a file then.
  std::vector<Object> libraries;  // In the order in which they were found.
};

// Follows DT_NEEDED from the program on, as glibc's loader resolves it on a fresh start: the
// object's DT_RUNPATH, then ld.so.cache, then the standard folders; no environment. What is for
// another machine is passed over. An object that is nowhere is an error that names who needs it.
base::Result<Closure> find_closure(const SystemRoot& root, const std::string& program);

}  // namespace image
