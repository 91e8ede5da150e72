#include "telemetry/log.h"

#include <chrono>
#include <cmath>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/text.h"
#include "telemetry/bounded_text.h"
#include "telemetry/scrub.h"

namespace telemetry {
namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr std::size_t kTextBytesMax = 1024;  // Of one message or value.
// Of one that is searched for secrets, so that none is cut beyond recognition.
constexpr std::size_t kSearchedBytesMax = 4 * kTextBytesMax;
constexpr std::size_t kFieldsMax = 32;

using Buffer = fmt::memory_buffer;

void append(Buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

// Appends the text with quotes, backslashes and everything a terminal would obey escaped as JSON
// does, U+0080 to U+009F included. Precondition: UTF-8.
void append_escaped(Buffer& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == '"' || byte == '\\') {
      out.push_back('\\');
      out.push_back(text[i]);
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else if (byte == 0xC2 && next < 0xA0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", next);
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
}

// The same of any bytes, cut: what is not UTF-8 becomes U+FFFD.
void append_as_is(Buffer& out, std::string_view text) {
  std::string_view rest = cut_text(text, kTextBytesMax);
  while (const auto bad = base::find_invalid_utf8(rest)) {
    append_escaped(out, rest.substr(0, *bad));
    append(out, "\xEF\xBF\xBD");
    rest.remove_prefix(*bad + 1);
  }
  append_escaped(out, rest);
  if (text.size() > kTextBytesMax) append(out, "...");
}

// And without secrets.
void append_text(Buffer& out, std::string_view text) {
  const std::string_view searched = cut_text(text, kSearchedBytesMax);
  if (may_hold_secret(searched)) {
    append_as_is(out, scrub(searched));
  } else {
    append_as_is(out, searched);
  }
}

void append_named(Buffer& out, std::string_view name, std::string_view text) {
  const bool id = name == "trace_id" || name == "span_id" || name == "request_id";
  if (id && is_plain_id(text)) {
    append(out, text);
  } else if (is_secret_name(name)) {
    append(out, "[scrubbed]");
  } else {
    append_text(out, text);
  }
}

void append_value(Buffer& out, const Field& field) {
  std::visit(
      [&out, &field](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string_view>) {
          out.push_back('"');
          append_named(out, field.name(), v);
          out.push_back('"');
        } else if constexpr (std::is_same_v<T, double>) {
          if (std::isfinite(v)) {
            fmt::format_to(std::back_inserter(out), "{}", v);
          } else {
            append(out, "null");
          }
        } else {
          fmt::format_to(std::back_inserter(out), "{}", v);
        }
      },
      field.value());
}

// What stands behind time and level; the same for both forms but for its punctuation.
Buffer format_line(Log::Form form, std::string_view message, std::initializer_list<Field> fields) {
  Buffer out;
  const bool json = form == Log::Form::Json;
  if (json) {
    append(out, "\"message\":\"");
    append_text(out, message);
    out.push_back('"');
  } else {
    append_text(out, message);
  }
  std::size_t count = 0;
  for (const Field& field : fields) {
    if (++count > kFieldsMax) break;
    append(out, json ? ",\"" : " ");
    append_escaped(out, field.name());
    append(out, json ? "\":" : "=");
    append_value(out, field);
  }
  return out;
}

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warn: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug: return "debug";
    case spdlog::level::warn: return "warn";
    case spdlog::level::err: return "error";
    default: return "info";
  }
}

// Puts time and level, which spdlog knows, in front of the line.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(Log::Form form) : form_(form) {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    using std::chrono::milliseconds;
    const auto since = std::chrono::duration_cast<milliseconds>(line.time.time_since_epoch());
    const auto time = std::chrono::system_clock::to_time_t(line.time);
    const std::tm utc = fmt::gmtime(time);
    const auto ms = since.count() % 1000;
    const std::string_view payload(line.payload.data(), line.payload.size());
    const auto at = std::back_inserter(out);
    if (form_ == Log::Form::Json) {
      fmt::format_to(at, "{{\"time\":\"{:%Y-%m-%dT%H:%M:%S}.{:03}Z\",\"level\":\"{}\",{}}}\n", utc,
                     ms, name_of(line.level), payload);
    } else {
      fmt::format_to(at, "{:%H:%M:%S}.{:03} {:5} {}\n", utc, ms, name_of(line.level), payload);
    }
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(form_);
  }

 private:
  const Log::Form form_;
};

}  // namespace

Log::Log(Options options) : Log(options, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

Log::Log(Options options, spdlog::sink_ptr sink)
    : options_(options), writer_(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)) {
  logger_ = std::make_shared<spdlog::async_logger>("", std::move(sink), writer_,
                                                   spdlog::async_overflow_policy::overrun_oldest);
  logger_->set_formatter(std::make_unique<LineFormatter>(options_.form));
  logger_->set_level(level_of(options_.least));
  logger_->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

Log::Form Log::form_of_stderr() {
  return ::isatty(STDERR_FILENO) == 1 ? Form::Readable : Form::Json;
}

void Log::write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < options_.least) return;
  const Buffer line = format_line(options_.form, message, fields);
  logger_->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::debug(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::Debug, message, fields);
}
void Log::info(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::Info, message, fields);
}
void Log::warn(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::Warn, message, fields);
}
void Log::error(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::Error, message, fields);
}

}  // namespace telemetry
