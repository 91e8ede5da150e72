#include "cli/agreement_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace cli {

std::string agreement_text(const model::Agreement& agreement) {
  const model::Parity& parity = agreement.parity;
  std::string text = fmt::format(
      "  {} in {}: {} values at most {:.2g} from {}, absolute {:.2g}; the bound is {:g}\n",
      base::printable(agreement.provider), base::printable(agreement.precision), parity.values,
      parity.rel_max, base::printable(parity.against), parity.abs_max, parity.tolerance);
  if (agreement.top1 && agreement.top5) {
    text +=
        fmt::format("    best category the same in {:.4g} % of {} {}, of the five best {:.4g} %\n",
                    *agreement.top1 * 100, agreement.top_rows.value_or(parity.rows),
                    agreement.top_rows ? "rows" : "pictures", *agreement.top5 * 100);
  }
  text += fmt::format("    measured with {}", base::printable(agreement.runtime));
  if (!agreement.processor.empty()) text += " on " + base::printable(agreement.processor);
  return text + "\n";
}

}  // namespace cli
