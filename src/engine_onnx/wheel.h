#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace engine_onnx {

// A file of a wheel, as its RECORD says: PATH,sha256=DIGEST,SIZE.
struct RecordEntry {
  std::string path;
  base::Digest digest;
};

// The files of a RECORD that have a digest. Corrupt where a line is none, or where a path leads out
// of the wheel.
base::Result<std::vector<RecordEntry>> parse_record(std::string_view text);

// What of a wheel is wanted, and where it goes. A path may hold one '*' at its end, which is
// anything but "/".
struct WheelPart {
  std::string_view path;
  bool needed = true;  // A wheel without it is not the one that was looked for.
};
struct WheelPlan {
  std::string_view name;     // As the command line and messages call what is installed.
  std::string_view package;  // Its name in the index of packages.
  std::string_view folder;   // Beneath the folder of runtimes.
  std::string_view can;      // What it computes, and on what, for people.
  std::span<const WheelPart> parts;
};

// What there is to install, in the order in which it is listed: the runtime itself first.
std::span<const WheelPlan> wheel_plans();

// The files of the wheel that the plan takes. Unsupported, naming it, where a needed one is
// missing.
base::Result<std::vector<RecordEntry>> choose_files(const WheelPlan& plan,
                                                    const std::vector<RecordEntry>& record);

}  // namespace engine_onnx
