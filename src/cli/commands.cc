#include "cli/commands.h"

namespace cli {
namespace {

constexpr Command kCommands[] = {
    {"predict", "Score the rows of a file with a model", declare_predict},
    {"serve", "Answer over HTTP until stopped", declare_serve},
    {"register", "Prove a model and keep it as a version in the workspace", declare_register},
    {"models", "List, compare, name and remove registered versions", declare_models},
    {"build", "Make the container image of a version", declare_build},
    {"push", "Build the image of a version and push it to a registry", declare_push},
    {"pull", "Fetch the version in an image and register it", declare_pull},
    {"login", "Keep credentials for a registry", declare_login},
    {"keys", "Make, list, change and revoke the keys of an endpoint", declare_keys},
    {"render", "Write an endpoint's Kubernetes objects as YAML", declare_render},
    {"deploy", "Bring an endpoint onto this machine or a cluster", declare_deploy},
    {"status", "Show how the copies of an endpoint are", declare_status},
    {"logs", "Show what the copies of an endpoint have logged", declare_logs},
    {"score", "Ask an endpoint", declare_score},
    {"rollback", "Bring back what was ready before the last change", declare_rollback},
    {"undeploy", "Take an endpoint away, with everything of it", declare_undeploy},
    {"keep", "Keep the copies of an endpoint on this machine; deploy starts it", declare_keep},
    {"doctor", "Check every byte of the workspace", declare_doctor},
    {"engines", "List the engines that compute, and install their runtimes", declare_engines},
    {"quantize", "Make the int8 version of a network, and say how far it is from it",
     declare_quantize},
    {"inspect", "Show what a model file holds and how it would be run", declare_inspect},
    {"version", "Print the version of this program", declare_version},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace cli
