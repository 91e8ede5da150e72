#include "companions/category_encoders.h"

#include "companions/category_codes.h"
#include "companions/category_items.h"
#include "companions/category_sums.h"
#include "companions/category_wrappers.h"

namespace companions {
namespace {

constexpr Entry kCategoryEncoders[] = {
    {"category_encoders", "BackwardDifferenceEncoder", read_by_code},
    {"category_encoders", "BaseNEncoder", read_by_code},
    {"category_encoders", "BinaryEncoder", read_by_code},
    {"category_encoders", "CatBoostEncoder", read_by_sum},
    {"category_encoders", "CountEncoder", read_count_encoder},
    {"category_encoders", "CountTargetEncoder", read_by_code},
    {"category_encoders", "GLMMEncoder", read_by_code},
    {"category_encoders", "GrayEncoder", read_by_code},
    {"category_encoders", "HashingEncoder", read_hashing_encoder},
    {"category_encoders", "HelmertEncoder", read_by_code},
    {"category_encoders", "JamesSteinEncoder", read_by_code},
    {"category_encoders", "LeaveOneOutEncoder", read_by_sum},
    {"category_encoders", "MEstimateEncoder", read_by_code},
    {"category_encoders", "MultiHotEncoder", read_multi_hot_encoder},
    {"category_encoders", "NestedCVWrapper", read_nested_encoder},
    {"category_encoders", "OneHotEncoder", read_by_code},
    {"category_encoders", "OrdinalEncoder", read_ordinal_encoder},
    {"category_encoders", "PolynomialEncoder", read_by_code},
    {"category_encoders", "PolynomialWrapper", read_class_encoders},
    {"category_encoders", "QuantileEncoder", read_by_code},
    {"category_encoders", "RankHotEncoder", read_rank_hot_encoder},
    {"category_encoders", "SumEncoder", read_by_code},
    {"category_encoders", "SummaryEncoder", read_summary_encoder},
    {"category_encoders", "TargetEncoder", read_by_code},
    {"category_encoders", "WOEEncoder", read_by_code},
};

}  // namespace

std::span<const Entry> category_encoders_entries() { return kCategoryEncoders; }

}  // namespace companions
