#include "cli/serve_signals.h"

#include <csignal>

namespace cli {

void outlive_unwritable_logs() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace cli
