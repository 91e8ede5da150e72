#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "names.h"

namespace hostile {

// Whether a reader of data may read the file (the name is then nothing but data) or must not.
enum class Expected : unsigned char { Read, Refuse };

struct Attack {
  Callable callable;
  std::string_view call;     // how the name is called
  std::string_view trick;    // what hides the call
  std::string_view wrapper;  // where the pickle lies
  unsigned protocol = 0;
  Expected expected = Expected::Read;
  // Whether the name, once read, is somewhere in the values.
  bool visible = true;
  std::string bytes;

  std::string title() const;
};

// Every callable x every way of calling x protocols 0 to 5 x tricks with the stack and the memo
// x places to hide in, in a fixed order. Gives how many there were.
std::size_t for_each_attack(const std::function<void(const Attack&)>& visit);

}  // namespace hostile
