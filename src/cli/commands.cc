#include "cli/commands.h"

namespace cli {
namespace {

constexpr Command kCommands[] = {
    {"predict", "Score the rows of a file with a model", declare_predict},
    {"serve", "Answer over HTTP until stopped", declare_serve},
    {"register", "Prove a model and keep it as a version in the workspace", declare_register},
    {"models", "List, compare, name and remove registered versions", declare_models},
    {"doctor", "Check every byte of the workspace", declare_doctor},
    {"inspect", "Show what a model file holds and how it would be run", declare_inspect},
    {"version", "Print the version of this program", declare_version},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace cli
