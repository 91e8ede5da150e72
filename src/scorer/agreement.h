#pragma once

#include "base/result.h"
#include "model/agreement.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace scorer {

// How far the scorer's answers to the golden rows are from the ones that the runtime's own kernels
// gave. The bound is its recipe's; whether it was kept, Agreement::parity says. Corrupt where there
// are golden answers that the scorer does not give.
base::Result<model::Agreement> measure_agreement(const Scorer& scorer, const Golden& golden);

// What is wrong with it, for people: `openvino in bf16: the answers of row 2, image column "7" are
// 0.3 apart; expected at most 0.02`. Empty where the bound was kept.
std::string disagreement(const model::Agreement& agreement);

}  // namespace scorer
