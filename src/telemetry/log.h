#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

#include <spdlog/common.h>

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace telemetry {

enum class Level : unsigned char { Debug, Info, Warn, Error };

// One named value of a log line. Names are of static storage. Values are short facts: identifiers,
// counts, durations; never bodies, header values or secrets.
class Field {
 public:
  Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  Field(std::string_view name, const char* value) : name_(name), value_(std::string_view(value)) {}
  Field(std::string_view name, bool value) : name_(name), value_(value) {}
  Field(std::string_view name, double value) : name_(name), value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view name, T value)
      : name_(name), value_(static_cast<std::int64_t>(value)) {}

  using Value = std::variant<std::string_view, bool, double, std::int64_t>;
  std::string_view name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  std::string_view name_;
  Value value_;
};

// Structured log. Any thread may call it, and no call waits: lines pass a bounded queue to a
// thread that writes them, and when the queue is full the oldest are lost. Texts are escaped and
// cut, so that nothing that came from outside can forge a line or steer a terminal, and what looks
// like a secret is taken out of them (scrub.h); of a field with a secret's name nothing is written.
//   {"time":"2026-01-02T03:04:05.678Z","level":"info","message":"listening","port":8080}
//   03:04:05.678 info  listening port=8080
class Log {
 public:
  enum class Form : unsigned char { Json, Readable };
  struct Options {
    Level least = Level::Info;
    Form form = Form::Json;
  };

  // To stderr.
  explicit Log(Options options);
  Log(Options options, spdlog::sink_ptr sink);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  // Writes what is queued.
  ~Log();

  void debug(std::string_view message, std::initializer_list<Field> fields = {});
  void info(std::string_view message, std::initializer_list<Field> fields = {});
  void warn(std::string_view message, std::initializer_list<Field> fields = {});
  void error(std::string_view message, std::initializer_list<Field> fields = {});

  // Readable where stderr is a terminal, else Json.
  static Form form_of_stderr();

 private:
  void write(Level level, std::string_view message, std::initializer_list<Field> fields);

  const Options options_;
  // The writer goes first: it joins its thread, which uses the logger.
  std::shared_ptr<spdlog::logger> logger_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
};

}  // namespace telemetry
