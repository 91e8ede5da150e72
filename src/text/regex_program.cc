#include "text/regex_program.h"

#include <utility>

namespace text {
namespace {

using Kind = RegexTree::Kind;
using Node = RegexTree::Node;
using Op = RegexProgram::Op;
using Instruction = RegexProgram::Instruction;

class Compiler {
 public:
  explicit Compiler(const RegexTree& tree) : tree_(tree) {}

  std::optional<RegexProgram> compile() {
    node(tree_.root);
    emit({Op::Match});
    if (full()) return std::nullopt;
    return RegexProgram{std::move(program_)};
  }

 private:
  using Index = std::uint32_t;

  // Then it will be thrown away, and nothing more is added to it.
  bool full() const { return program_.size() > RegexProgram::kInstructionsMax; }
  Index here() const { return static_cast<Index>(program_.size()); }
  Index emit(Instruction instruction) {
    program_.push_back(instruction);
    return here() - 1;
  }

  void node(Index index) {
    if (full()) return;
    const Node& n = tree_.nodes[index];
    switch (n.kind) {
      case Kind::Empty: break;
      case Kind::Point: emit({Op::Point, n.point}); break;
      case Kind::Set: emit({Op::Set, n.set}); break;
      case Kind::Assert: emit({Op::Assert, static_cast<Index>(n.assertion)}); break;
      case Kind::Sequence:
        for (const Index part : n.parts) node(part);
        break;
      case Kind::Choice: choice(n); break;
      case Kind::Repeat: repeat(n); break;
      case Kind::Capture:
        emit({Op::Save, 0});
        node(n.parts.front());
        emit({Op::Save, 1});
        break;
    }
  }

  void choice(const Node& n) {
    std::vector<Index> jumps;
    for (std::size_t i = 0; i + 1 < n.parts.size(); ++i) {
      const Index split = emit({Op::Split});
      program_[split].a = here();
      node(n.parts[i]);
      jumps.push_back(emit({Op::Jump}));
      program_[split].b = here();
    }
    node(n.parts.back());
    for (const Index jump : jumps) program_[jump].a = here();
  }

  void repeat(const Node& n) {
    const Index part = n.parts.front();
    for (Index i = 0; i < n.min && !full(); ++i) node(part);
    std::vector<Index> splits;
    if (n.max == RegexTree::kEndless) {
      splits.push_back(emit({Op::Split}));
      node(part);
      emit({Op::Jump, splits.front()});
    } else {
      for (Index i = n.min; i < n.max && !full(); ++i) {
        splits.push_back(emit({Op::Split}));
        node(part);
      }
    }
    for (const Index split : splits) {
      program_[split].a = n.lazy ? here() : split + 1;
      program_[split].b = n.lazy ? split + 1 : here();
    }
  }

  const RegexTree& tree_;
  std::vector<Instruction> program_;
};

}  // namespace

std::optional<RegexProgram> RegexProgram::compile(const RegexTree& tree) {
  return Compiler(tree).compile();
}

}  // namespace text
