#include "matrix.h"

#include <array>

#include <fmt/format.h>

#include "writer.h"

namespace hostile {
namespace {

// Leaves the result of a call of the name on the stack.
struct Call {
  std::string_view name;
  void (*write)(Writer&, const Callable&);
  Expected expected = Expected::Read;
};

void name_twice(Writer& out, const Callable& to) {
  out.global(to.module, to.name).text(to.module).text(to.name);
}

constexpr auto kCalls = std::to_array<Call>({
    {"GLOBAL", [](Writer& out, const Callable& to) { out.global(to.module, to.name); }},
    {"STACK_GLOBAL", [](Writer& out, const Callable& to) { out.stack_global(to.module, to.name); }},
    {"REDUCE",
     [](Writer& out, const Callable& to) { out.global(to.module, to.name).args().raw("R"); }},
    {"STACK_GLOBAL REDUCE",
     [](Writer& out, const Callable& to) { out.stack_global(to.module, to.name).args().raw("R"); }},
    {"REDUCE of what REDUCE gave",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).args().raw("R").args().raw("R");
     }},
    {"REDUCE of getattr",
     [](Writer& out, const Callable& to) {
       out.global("builtins", "getattr").raw("(").global(to.module, to.name).text("__call__");
       out.raw("tR").args().raw("R");
     }},
    {"INST",
     [](Writer& out, const Callable& to) {
       out.raw("(").text("id").raw(fmt::format("i{}\n{}\n", to.module, to.name));
     }},
    {"OBJ",
     [](Writer& out, const Callable& to) {
       out.raw("(").global(to.module, to.name).text("id").raw("o");
     }},
    {"NEWOBJ",
     [](Writer& out, const Callable& to) { out.global(to.module, to.name).args().raw("\x81"); }},
    {"NEWOBJ_EX",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).args().raw("}").text("shell").raw("\x88s\x92");
     }},
    {"copyreg._reconstructor",
     [](Writer& out, const Callable& to) {
       out.global("copy_reg", "_reconstructor").raw("(").global(to.module, to.name);
       out.global("builtins", "object").raw("NtR");
     }},
    {"BUILD of an instance",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).raw(")\x81}").text("__setstate__").global(to.module, to.name);
       out.raw("sb");
     }},
    {"items and entries of an instance",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).raw(")R(").text("a").text("b").raw("u").text("c").raw("a");
     }},
    {"as a factory",
     [](Writer& out, const Callable& to) {
       name_twice(out, to);
       out.raw("\x87").global("collections", "defaultdict").global(to.module, to.name);
       out.raw("\x85R\x86");
     }},
    {"BUILD of a global",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).raw("}").text("path").text("x").raw("sb");
     },
     Expected::Refuse},
    {"SETITEM of a global",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).text("PATH").text("x").raw("s");
     },
     Expected::Refuse},
    {"APPEND to a global",
     [](Writer& out, const Callable& to) { out.global(to.module, to.name).text("x").raw("a"); },
     Expected::Refuse},
    {"REDUCE without a tuple",
     [](Writer& out, const Callable& to) { out.global(to.module, to.name).text("id").raw("R"); },
     Expected::Refuse},
    {"EXT1",
     [](Writer& out, const Callable& to) {
       name_twice(out, to);
       out.raw("\x82\x01").args().raw("R");
     },
     Expected::Refuse},
    {"EXT2",
     [](Writer& out, const Callable& to) {
       name_twice(out, to);
       out.raw(std::string_view("\x83\x01\x00", 3)).args().raw("R");
     },
     Expected::Refuse},
    {"EXT4",
     [](Writer& out, const Callable& to) {
       name_twice(out, to);
       out.raw(std::string_view("\x84\x01\x00\x00\x00", 5)).args().raw("R");
     },
     Expected::Refuse},
    {"PERSID",
     [](Writer& out, const Callable& to) {
       out.raw(fmt::format("P{} {}\n", to.module, to.name)).args().raw("R");
     },
     Expected::Refuse},
    {"BINPERSID",
     [](Writer& out, const Callable& to) {
       out.global(to.module, to.name).raw("Q").args().raw("R");
     },
     Expected::Refuse},
    {"NEXT_BUFFER",
     [](Writer& out, const Callable& to) { out.global(to.module, to.name).raw("\x97\x86"); },
     Expected::Refuse},
});

// What is done around the call; `visible` says whether its result is part of the value.
struct Trick {
  std::string_view name;
  void (*write)(Writer&, const Call&, const Callable&);
  bool visible = true;
};

constexpr auto kTricks = std::to_array<Trick>({
    {"plain", [](Writer& out, const Call& call, const Callable& to) { call.write(out, to); }},
    {"PUT, POP, GET",
     [](Writer& out, const Call& call, const Callable& to) {
       call.write(out, to);
       out.put(7).raw("0").get(7);
     }},
    {"far PUT and GET",
     [](Writer& out, const Call& call, const Callable& to) {
       call.write(out, to);
       out.put(4'000'000'000U).raw("0").get(4'000'000'000U);
     }},
    {"DUP in a list",
     [](Writer& out, const Call& call, const Callable& to) {
       out.raw("(");
       call.write(out, to);
       out.raw("2l");
     }},
    {"POP hides it",
     [](Writer& out, const Call& call, const Callable& to) {
       call.write(out, to);
       out.raw("0").text("harmless");
     },
     false},
    {"POP_MARK hides it",
     [](Writer& out, const Call& call, const Callable& to) {
       out.raw("(");
       call.write(out, to);
       out.raw("1").text("harmless");
     },
     false},
    {"memo overwritten",
     [](Writer& out, const Call& call, const Callable& to) {
       out.text("harmless").put(3).raw("0");
       call.write(out, to);
       out.put(3).raw("0").get(3);
     }},
    {"MEMOIZE",
     [](Writer& out, const Call& call, const Callable& to) {
       out.text("first").raw(
           "\x94"
           "0");
       call.write(out, to);
       out.raw(
              "\x94"
              "0")
           .get(1);
     }},
    {"below the value",
     [](Writer& out, const Call& call, const Callable& to) {
       call.write(out, to);
       out.text("harmless");
     },
     false},
    {"value of a dict",
     [](Writer& out, const Call& call, const Callable& to) {
       out.raw("}").text("key");
       call.write(out, to);
       out.raw("s");
     }},
});

// Where the pickle ends up.
struct Wrapper {
  std::string_view name;
  std::string (*wrap)(const Writer&);
  // Read whatever the pickle inside says, since nothing looks inside; or refused likewise.
  bool opaque = false;
  bool refused = false;
};

std::string as_bytes_value(const Writer& inner) {
  Writer out(inner.protocol());
  out.bytes(inner.finish());
  return out.finish();
}

// A joblib array of objects, whose elements are a pickle of their own: an array that holds it.
std::string as_joblib_objects(const Writer& inner) {
  constexpr std::string_view kDType = "cnumpy\ndtype\n(VO8\nI0\nI1\ntR";
  std::string out =
      "\x80\x02"
      "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(";
  out += fmt::format("Vshape\n(I1\ntVorder\nVC\nVdtype\n{}ub", kDType);
  if (inner.protocol() >= 2) out += '\x80' + little(inner.protocol(), 1);
  out += fmt::format(
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR"
      "(I1\n(I1\nt{}I00\n((",
      kDType);
  return out + inner.body() + "lltb..";
}

constexpr auto kWrappers = std::to_array<Wrapper>({
    {"alone", [](const Writer& inner) { return inner.finish(); }},
    {"in a joblib array", as_joblib_objects},
    {"in bytes", as_bytes_value, true},
    {"behind another", [](const Writer& inner) { return "N." + inner.finish(); }, false, true},
});

bool is_line(std::string_view text) { return text.find('\n') == std::string_view::npos; }

}  // namespace

std::string Attack::title() const {
  return fmt::format("{}.{}: {}, {}, {}, protocol {}", callable.module, callable.name, call, trick,
                     wrapper, protocol);
}

std::size_t for_each_attack(const std::function<void(const Attack&)>& visit) {
  std::size_t count = 0;
  for (const Callable& callable : callables()) {
    if (!is_line(callable.module) || !is_line(callable.name)) continue;
    for (const Call& call : kCalls) {
      for (const Trick& trick : kTricks) {
        for (unsigned protocol = 0; protocol <= 5; ++protocol) {
          Writer writer(protocol);
          trick.write(writer, call, callable);
          for (const Wrapper& wrapper : kWrappers) {
            // The opaque and the refused wrappers do not depend on the trick.
            if ((wrapper.opaque || wrapper.refused) && &trick != &kTricks.front()) continue;
            const bool refuse =
                wrapper.refused || (!wrapper.opaque && call.expected == Expected::Refuse);
            visit({.callable = callable,
                   .call = call.name,
                   .trick = trick.name,
                   .wrapper = wrapper.name,
                   .protocol = protocol,
                   .expected = refuse ? Expected::Refuse : Expected::Read,
                   .visible = trick.visible && !wrapper.opaque,
                   .bytes = wrapper.wrap(writer)});
            ++count;
          }
        }
      }
    }
  }
  return count;
}

}  // namespace hostile
