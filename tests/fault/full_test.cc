// A disk that becomes full at any moment of a registration.

#include <string>

#include <gtest/gtest.h>

#include "facts.h"
#include "program.h"
#include "states.h"

namespace fault {
namespace {

TEST(FullTest, RefusesWithWhatIsFreeAndLeavesNothingBehind) {
  const TemporaryFolder folder;
  const std::string pristine = folder.path() + "/pristine";
  const std::string root = folder.path() + "/workspace";
  states()[2].make(pristine, folder.path());
  const auto files = files_of(pristine);
  Program program(in(root, {"register", model_file("flowers.joblib"), "--name", "m"}), root,
                  folder.path());
  copy_workspace(pristine, root);
  const std::int64_t calls = program.run().calls;
  int refused = 0;
  for (std::int64_t at = 1; at <= calls; ++at) {
    copy_workspace(pristine, root);
    const Outcome& outcome = program.run({.at = at, .action = Action::Full});
    // What comes after the commit is done later.
    if (exit_status(outcome) == 0) continue;
    ++refused;
    EXPECT_EQ(exit_status(outcome), 6) << at << program.said();
    EXPECT_NE(program.said().find("the disk is full: expected "), std::string::npos)
        << at << " " << program.said();
    EXPECT_EQ(files_of(root), files) << at;
  }
  EXPECT_GE(refused, 20);
}

}  // namespace
}  // namespace fault
