#include "serve/picture_scoring.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "contract/pictures.h"

namespace serve {
namespace {

// Checks how many there are, and makes room for their answers.
base::Result<void> begin(const scorer::ImageScorer& image, Session& session) {
  contract::Answers& answers = session.answers;
  if (answers.rows > contract::kPicturesMax) {
    return base::Error(base::Code::Invalid, fmt::format("expected at most {} pictures, got {}",
                                                        contract::kPicturesMax, answers.rows));
  }
  answers.ranks =
      std::min(session.ask.top_k.value_or(image.default_top_k()), image.labels().rows.size());
  answers.failures.clear();
  session.ranked.assign(answers.rows * answers.ranks, {});
  answers.ranked = session.ranked;
  return {};
}

base::Result<void> check_ended(const Ended& ended) {
  if (!ended) return {};
  if (const auto reason = ended()) return error_of(Refusal{.reason = *reason});
  return {};
}

base::Error error_of_row(base::Code code, const base::Error& error, std::size_t row,
                         const Session& session) {
  if (session.answers.rows == 1) return base::Error(code, error.message());
  return base::Error(code, fmt::format("row {}: {}", row, error.message()));
}

// Encoded pictures, prepared one by one until there are enough for a run.
class Gathering {
 public:
  Gathering(const scorer::ImageScorer& image, Session& session)
      : image_(image), session_(session) {}

  base::Result<void> add(std::size_t row, std::string_view picture) {
    auto prepared = image_.prepare(picture, rows_.size(), session_.image);
    if (prepared.ok()) {
      rows_.push_back(row);
      return {};
    }
    contract::Answers& answers = session_.answers;
    const base::Error error = std::move(prepared).error();
    const bool bearable = session_.ask.row_by_row && error.code() == base::Code::Invalid;
    if (!bearable || ++failed_ == answers.rows) {
      return error_of_row(error.code(), error, row, session_);
    }
    answers.failures[row] = error.message();
    return {};
  }

  std::size_t count() const { return rows_.size(); }

  base::Result<void> run() {
    const std::size_t ranks = session_.answers.ranks;
    auto ranked =
        image_.classify_prepared(session_.image.prepared(), rows_.size(), ranks, session_.image);
    if (!ranked.ok()) return error_of_run(ranked.error());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      std::ranges::copy(ranked->subspan(i * ranks, ranks),
                        std::span(session_.ranked).subspan(rows_[i] * ranks, ranks).begin());
    }
    rows_.clear();
    return {};
  }

 private:
  // Which of several it was, the network does not say.
  base::Error error_of_run(const base::Error& error) const {
    if (rows_.size() == 1) return error_of_row(error.code(), error, rows_.front(), session_);
    return base::Error(error.code(), fmt::format("rows {} to {}: {}", rows_.front(), rows_.back(),
                                                 error.message()));
  }

  const scorer::ImageScorer& image_;
  Session& session_;
  std::vector<std::size_t> rows_;  // That were prepared since the last run.
  std::size_t failed_ = 0;
};

}  // namespace

base::Result<void> score_pictures(const scorer::ImageScorer& image, Session& session,
                                  const Ended& ended) {
  TRY(begin(image, session));
  session.answers.failures.assign(session.answers.rows, "");
  const std::size_t together = image.network().rows_max();
  Gathering gathering(image, session);
  std::size_t row = 0;
  for (const std::string_view picture : session.ask.frame.texts(0)) {
    if (row > 0 && gathering.count() == 0) TRY(check_ended(ended));
    TRY(gathering.add(row, picture));
    ++row;
    const bool enough = gathering.count() >= together || row == session.answers.rows;
    if (enough && gathering.count() > 0) TRY(gathering.run());
  }
  return {};
}

base::Result<void> score_prepared_pictures(const scorer::ImageScorer& image, Session& session,
                                           const Ended& ended) {
  TRY(begin(image, session));
  const std::size_t rows = session.answers.rows;
  if (rows == 0) return base::Error(base::Code::Invalid, "\"inputs\": expected at least one row");
  const std::string_view bytes = session.ask.tensors[0].bytes;
  const std::size_t one = bytes.size() / rows;
  const std::size_t ranks = session.answers.ranks;
  for (std::size_t row = 0; row < rows;) {
    if (row > 0) TRY(check_ended(ended));
    const std::size_t count = std::min(image.network().rows_max(), rows - row);
    const auto ranked =
        image.classify_prepared(bytes.substr(row * one, count * one), count, ranks, session.image);
    if (!ranked.ok()) {
      // Numbers of the client's that the network makes none of are the client's fault.
      const base::Code code = ranked.error().code();
      return error_of_row(code == base::Code::Internal ? base::Code::Invalid : code, ranked.error(),
                          row, session);
    }
    std::ranges::copy(*ranked, std::span(session.ranked).subspan(row * ranks).begin());
    row += count;
  }
  return {};
}

}  // namespace serve
