#pragma once

#include <cstdint>

namespace fault {

// How a test and the library that is loaded into the program (shim.cc) speak: the test writes an
// Order, the program runs once in a process of its own, and the Outcome comes back.

// The calls that change files, as they are counted.
enum class Call : std::uint8_t {
  Open,      // open with O_CREAT of a file that is there
  Create,    // open with O_CREAT of one that is not, mkostemp
  Write,     // write, pwrite, writev
  Sync,      // fsync, fdatasync
  Hint,      // sync_file_range
  Rename,    // and link
  Unlink,    // and rmdir
  Truncate,  // ftruncate
  Allocate,  // fallocate
  Folder,    // mkdir
  Mode,      // fchmod
};
inline constexpr int kCalls = 11;

// What happens at the chosen call.
enum class Action : std::uint8_t {
  None,
  Kill,    // The process dies before it.
  Tear,    // Half of a write is done, then the process dies.
  Short,   // Half of a write is done, and the call says so.
  Eio,     // It fails with EIO and does nothing.
  Enospc,  // The same with ENOSPC.
  Full,    // From it on the disk is full: whatever needs room fails with ENOSPC.
  Record,  // Nothing; but every call is written to the log.
};
inline constexpr int kActions = 8;

struct Order {
  std::int64_t at = 0;  // Which call, from 1.
  Action action = Action::None;
};

inline constexpr int kKindsMax = 8192;

struct Outcome {
  int status = 0;          // As waitpid gives it.
  std::int64_t calls = 0;  // How many were made.
  bool fired = false;      // Whether the chosen one was among them, and the action fits it.
  Call kinds[kKindsMax] = {};
};

// The descriptors at which the program finds its orders, and gives its outcomes.
inline constexpr int kOrders = 198;
inline constexpr int kOutcomes = 199;
// The folder whose files count, and the file that Record writes.
inline constexpr const char* kRootVariable = "SOOTH_FAULT_ROOT";
inline constexpr const char* kLogVariable = "SOOTH_FAULT_LOG";

// What Record writes for each call that did something; then the path, the second path, the data.
struct Recorded {
  Call call = Call::Create;
  std::uint64_t file = 0;    // Number of the file that was opened, written, synced or cut.
  std::uint64_t offset = 0;  // Of a write; the new size of a cut.
  std::uint64_t path = 0;    // Sizes of what follows.
  std::uint64_t other = 0;
  std::uint64_t data = 0;
};

}  // namespace fault
