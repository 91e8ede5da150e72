#include "sklearn/outline.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "pickle/document.h"

namespace sklearn {
namespace {

// Writes pickles by hand, protocol 2, so that the test says what the file says.
class Pickler {
 public:
  Pickler& text(std::string_view value) {
    out_ += 'X';
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out_ += static_cast<char>(value.size() >> shift & 0xFF);
    }
    out_ += value;
    return *this;
  }
  Pickler& integer(int value) { return raw("I" + std::to_string(value) + "\n"); }
  Pickler& raw(std::string_view opcodes) {
    out_ += opcodes;
    return *this;
  }
  // An instance whose state is the dictionary on top of the stack once end() was called.
  Pickler& begin(std::string_view module, std::string_view name) {
    return raw("c").raw(module).raw("\n").raw(name).raw("\n)\x81}(");
  }
  Pickler& end() { return raw("ub"); }

  Outline outline() const {
    const std::string file = "\x80\x02" + out_ + ".";
    const auto document = pickle::Document::read(base::as_bytes(file));
    EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message());
    return document.ok() ? make_outline(document->root()) : Outline();
  }
  Origin origin() const {
    const std::string file = "\x80\x02" + out_ + ".";
    const auto document = pickle::Document::read(base::as_bytes(file));
    return document.ok() ? find_origin(document->root()) : Origin();
  }

 private:
  std::string out_;
};

TEST(OutlineTest, ShowsParametersAndFittedAttributesOfAnEstimator) {
  Pickler file;
  file.begin("sklearn.linear_model._ridge", "Ridge");
  file.text("alpha").raw("G\x3F\xF0").raw(std::string_view("\0\0\0\0\0\0", 6));
  file.text("solver").text("auto").text("max_iter").raw("N");
  file.text("n_iter_").integer(7).text("_private").integer(1);
  file.text("_sklearn_version").text("1.9.1").end();
  EXPECT_EQ(outline_text(file.outline()),
            "sklearn.linear_model.Ridge(alpha=1, solver=\"auto\")\n  n_iter_: 7\n");
  EXPECT_EQ(file.origin().versions, std::vector<std::string>{"scikit-learn 1.9.1"});
  EXPECT_EQ(file.origin().packages, std::vector<std::string>{"sklearn"});
}

TEST(OutlineTest, ShowsTheStepsOfAPipeline) {
  Pickler file;
  file.begin("sklearn.pipeline", "Pipeline").text("steps").raw("](");
  file.text("scale").begin("sklearn.preprocessing._data", "StandardScaler").end().raw("\x86");
  file.text("rest")
      .text("passthrough")
      .raw(
          "\x86"
          "e")
      .end();
  EXPECT_EQ(outline_text(file.outline()),
            "sklearn.pipeline.Pipeline\n"
            "  steps[0] \"scale\": sklearn.preprocessing.StandardScaler\n"
            "  steps[1] \"rest\": \"passthrough\"\n");
}

TEST(OutlineTest, CountsEstimatorsOfOneClass) {
  Pickler file;
  file.begin("sklearn.ensemble._forest", "RandomForestClassifier").text("estimators_").raw("](");
  for (int i = 0; i < 3; ++i) {
    file.begin("sklearn.tree._classes", "DecisionTreeClassifier").text("tree_");
    file.begin("sklearn.tree._tree", "Tree").text("node_count").integer(1000 + i).end().end();
  }
  file.raw("e").end();
  EXPECT_EQ(outline_text(file.outline()),
            "sklearn.ensemble.RandomForestClassifier\n"
            "  estimators_: 3 x sklearn.tree.DecisionTreeClassifier, 3,003 nodes\n");
}

TEST(OutlineTest, StopsWhereAModelContainsItself) {
  Pickler file;
  file.raw("csklearn.pipeline\nPipeline\n)\x81q\x01}(").text("again_").raw("h\x01").end();
  EXPECT_EQ(outline_text(file.outline()),
            "sklearn.pipeline.Pipeline\n"
            "  again_: sklearn.pipeline.Pipeline (that contains this)\n");
}

TEST(OutlineTest, IsBoundedHoweverOftenPartsAreShared) {
  // Each of 40 instances holds the one before it twice: 2^40 paths.
  Pickler file;
  file.begin("a", "B").end().raw("q").raw(std::string_view("\0", 1));
  for (int i = 0; i < 40; ++i) {
    const std::string below = {'h', static_cast<char>(i)};
    file.begin("a", "B").text("x_").raw(below).text("y_").raw(below).end();
    file.raw(std::string{'q', static_cast<char>(i + 1)});
  }
  const std::string text = outline_text(file.outline());
  EXPECT_LT(text.size(), 100'000U);
  EXPECT_NE(text.find("...: and more"), std::string::npos);
}

TEST(OutlineTest, EscapesWhatATerminalWouldObey) {
  Pickler file;
  file.begin("evil\x1B[2J", "C\xC2\x9B").end();
  EXPECT_EQ(outline_text(file.outline()), "evil\\x1b[2J.C\\xc2\\x9b\n");
}

TEST(OutlineTest, ShowsWhatIsNoEstimator) {
  EXPECT_EQ(outline_text(Pickler().raw("](I1\nI2\ne").outline()), "list of 2\n");
  EXPECT_EQ(outline_text(Pickler().raw("cos\nsystem\n").text("id").raw("\x85R").outline()),
            "os.system\n");
}

}  // namespace
}  // namespace sklearn
