#include "deploy_local/verdict.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "base/status.h"
#include "base/text.h"

namespace deploy_local {
namespace {

using base::Code;

// An error's line: "sooth: faq:4: ..."
constexpr std::string_view kErrorMark = "sooth: ";
constexpr std::string_view kGoldenRows = "golden rows: ";
constexpr std::size_t kSaidMax = 1'000;

bool repeats(Code code) {
  switch (code) {
    case Code::Invalid:
    case Code::NotFound:
    case Code::Conflict:
    case Code::Denied:
    case Code::Corrupt:
    case Code::Unsupported: return true;
    default: return false;
  }
}

Verdict ended_by_signal(const deploy::DeploymentSpec& deployment, int signal) {
  if (signal == SIGKILL) {
    return {fmt::format("{}: the copy was killed by signal 9, as where memory runs out; free some, "
                        "or ask for fewer copies",
                        deployment.version),
            Code::Exhausted, false};
  }
  return {fmt::format("{}: the copy was ended by signal {} ({}); sooth logs shows all it said",
                      deployment.version, signal, ::strsignal(signal)),
          signal == SIGTERM || signal == SIGINT ? Code::Unavailable : Code::Internal, false};
}

}  // namespace

std::string last_said(std::string_view words) {
  std::string last;
  std::string error;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('\n'), words.size());
    const std::string_view line = words.substr(0, end);
    if (line.starts_with(kErrorMark)) error = line.substr(kErrorMark.size());
    if (!line.empty()) last = line;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return base::printable((error.empty() ? last : error).substr(0, kSaidMax));
}

Code code_of_exit(int status) {
  for (const Code code : {Code::Invalid, Code::NotFound, Code::Conflict, Code::Denied,
                          Code::Unavailable, Code::Deadline, Code::Corrupt, Code::Unsupported}) {
    if (base::status_of(code).exit == status) return code;
  }
  return Code::Internal;
}

Verdict judge(const deploy::DeploymentSpec& deployment, const End& end) {
  const std::string said = last_said(end.last_words);
  if (end.too_late) {
    const deploy::Probe& probe = deployment.probes.startup;
    return {fmt::format("{}: the copy did not get ready within {} s; allow it more in "
                        "\"probes.startup\", or see sooth logs",
                        deployment.version, probe.period_s * probe.failures),
            Code::Deadline, false};
  }
  if (end.signal != 0) return ended_by_signal(deployment, end.signal);
  if (end.status == 0) {
    return {fmt::format("{}: the copy stopped by itself; sooth logs shows all it said",
                        deployment.version),
            Code::Unavailable, false};
  }
  const Code code = code_of_exit(end.status);
  if (said.empty()) {
    return {fmt::format("{}: the copy ended with status {} and said nothing", deployment.version,
                        end.status),
            code, repeats(code)};
  }
  // What it says names the version where that is what cannot be loaded.
  const std::string what = said.find(deployment.version) == std::string::npos
                               ? fmt::format("{}: {}", deployment.version, said)
                               : said;
  const bool golden = said.find(kGoldenRows) != std::string::npos;
  return {golden ? what + "; register the model again here, or deploy another version" : what, code,
          repeats(code)};
}

}  // namespace deploy_local
