#include "boosters/model_file.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "boosters/catboost.h"
#include "boosters/lightgbm.h"
#include "boosters/xgboost.h"
#include "forest/catboost.h"
#include "forest/xgboost.h"

namespace boosters {
namespace {

std::string lightgbm_version(base::Bytes bytes) {
  // "tree\nversion=v4\n"
  const std::size_t at = base::as_text(bytes).find('=') + 1;
  const std::string_view rest =
      base::as_text(bytes.subspan(at, std::min<std::size_t>(bytes.size() - at, 16)));
  return fmt::format("LightGBM text version {}", rest.substr(0, rest.find_first_of("\r\n")));
}

}  // namespace

bool is_lightgbm_text(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  return text.starts_with("tree\nversion=") || text.starts_with("tree\r\nversion=");
}

bool is_model_file(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  return is_lightgbm_text(bytes) || forest::is_catboost(text) || forest::is_xgboost(text);
}

base::Result<ModelFile> read_model_file(base::Bytes bytes, const fitted::ReadOptions& options) {
  TRY(fitted::refuse_classes(options.classes, "a booster's own model file"));
  const std::string_view text = base::as_text(bytes);
  ModelFile file;
  if (is_lightgbm_text(bytes)) {
    TRY_ASSIGN(file.estimator, read_lgbm_text(text, options));
    file.written_by = lightgbm_version(bytes);
    return file;
  }
  return forest::is_catboost(text) ? read_cbm_file(text) : read_xgb_file(text);
}

}  // namespace boosters
