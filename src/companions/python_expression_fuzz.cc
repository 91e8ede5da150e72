#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "companions/pmml_expression.h"
#include "companions/python_expression.h"

// An expression that was read computes any row without a fault, in bounded time. Its first line is
// the expression, what follows a function that it may call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (base::find_invalid_utf8(text)) return 0;
  companions::PythonCode code;
  const std::size_t line = text.find('\n');
  code.text = text.substr(0, line);
  if (line != std::string_view::npos) {
    auto function = companions::parse_python_function(text.substr(line + 1));
    if (function.ok()) code.functions.push_back(*std::move(function));
  }
  auto expression = companions::parse_python_expression(code);
  if (!expression.ok()) return 0;
  plan::Evaluate::Rules rules;
  rules.expression = *std::move(expression);
  plan::Builder builder;
  const std::vector<std::string> names = {"a", "b", "c"};
  const plan::Port input = builder.declare(plan::Builder::input(), names);
  const auto made = companions::express(builder, input, std::move(rules));
  if (!made.ok()) return 0;
  // What makes texts is no answer of a plan, but runs beside one.
  const bool is_text = made->types.front() == data::ColumnType::Text;
  const std::vector<std::size_t> none;
  const auto answer = is_text ? builder.dense(*builder.select(input, none)) : *made;
  if (!answer.ok()) return 0;
  const auto plan = std::move(builder).finish(*answer, {});
  if (!plan.ok()) return 0;
  data::Frame frame(plan->signature());
  for (const double number : {0.0, -2.5, 1e300, data::kMissingNumber}) {
    const std::size_t row = frame.add_row();
    for (std::size_t c = 0; c < frame.columns(); ++c) {
      if (frame.type(c) == data::ColumnType::Number) {
        frame.set_number(row, c, number);
      } else if (number == number) {
        frame.set_text(row, c, number == 0 ? std::string_view("") : std::string_view("12"));
      }
    }
  }
  plan::Plan::Scratch scratch(*plan);
  (void)plan->run(frame, scratch);
  return 0;
}
