#include "front/page.h"

#include <algorithm>
#include <string_view>

#include "contract/example.h"
#include "table/answer_writer.h"

namespace front {
namespace {

// Texts of candidates beyond these are shown by their id alone.
constexpr std::size_t kTextsMax = 2000;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sooth</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin-bottom: .2rem; }
p.about { opacity: .7; margin-top: 0; }
input, textarea { width: 100%; font: inherit; padding: .6rem; box-sizing: border-box; }
textarea { font-family: ui-monospace, monospace; font-size: .85rem; min-height: 9rem; }
button { font: inherit; padding: .4rem 1.2rem; margin: .6rem 0; }
ol { padding-left: 1.4rem; } li { margin: .5rem 0; }
.score { font-variant-numeric: tabular-nums; font-weight: 600; margin-right: .6rem; }
.bar { height: 4px; background: #4a7bd0; border-radius: 2px; margin-top: .2rem; }
.error { color: #c0392b; } #time { opacity: .7; } pre { white-space: pre-wrap; }
</style></head><body>
)";

constexpr std::string_view kMatchBody = R"(<form id="form">
<label for="input">Your question</label>
<input id="input" autocomplete="off" autofocus>
<button>Ask</button> <span id="time" aria-live="polite"></span>
</form><ol id="answers"></ol>
)";

// Ranked candidates, each by the words that `words` makes of its id and its second column.
constexpr std::string_view kRankedScript = R"(
const show = ranked => {
  for (const [id, second, score] of ranked) {
    const item = document.createElement('li');
    const number = document.createElement('span');
    number.className = 'score';
    number.textContent = score.toFixed(4);
    const bar = document.createElement('div');
    bar.className = 'bar';
    bar.style.width = Math.max(0, Math.min(1, score)) * 100 + '%';
    item.append(number, words(id, second), bar);
    answers.append(item);
  }
};
)";

constexpr std::string_view kMatchScript = R"(
const words = (id, answer) => texts[id] ?? ('id ' + id);
const body = () => JSON.stringify({input: input.value, top_k: 10});
const type = () => 'application/json';
)";

constexpr std::string_view kImageBody = R"(<form id="form">
<label for="input">A picture: JPEG, PNG or WebP</label>
<input id="input" type="file" accept="image/jpeg,image/png,image/webp" required>
<button>Ask</button> <span id="time" aria-live="polite"></span>
</form><ol id="answers"></ol>
)";

constexpr std::string_view kImageScript = R"(
const words = (id, label) => label;
const body = () => input.files[0];
const type = () => 'application/octet-stream';
)";

constexpr std::string_view kRowsBody = R"(<form id="form">
<label for="input">Request</label>
<textarea id="input" spellcheck="false"></textarea>
<button>Score</button> <span id="time" aria-live="polite"></span>
</form><ol id="answers"></ol>
)";

constexpr std::string_view kRowsScript = R"(
input.value = JSON.stringify(example, null, 1);
)";

// A row is an item; what is no array of rows is one.
constexpr std::string_view kShowRows = R"(
const show = answer => {
  const rows = Array.isArray(answer) ? answer : [answer];
  for (const row of rows) {
    const item = document.createElement('li');
    const pre = document.createElement('pre');
    pre.textContent = JSON.stringify(row);
    item.append(pre);
    answers.append(item);
  }
};
const body = () => input.value;
const type = () => 'application/json';
)";

constexpr std::string_view kAsk = R"(
form.addEventListener('submit', async event => {
  event.preventDefault();
  answers.replaceChildren();
  const start = performance.now();
  try {
    const keyed = typeof credential === 'undefined' ? {} : credential;
    const response = await fetch('/score', {method: 'POST', body: body(),
                                            headers: {'content-type': type(), ...keyed}});
    const answer = await response.json();
    time.textContent = (performance.now() - start).toFixed(1) + ' ms';
    time.className = response.ok ? '' : 'error';
    if (response.ok) show(answer); else time.textContent = answer.message;
  } catch (problem) {
    time.className = 'error';
    time.textContent = String(problem);
  }
});
)";

// A script of a page that is parsed here would not run: it is made anew.
constexpr std::string_view kKeyPage = R"(<h1>Sooth</h1>
<p class="about">This server asks for a key. It is kept until this page is closed or loaded again.</p>
<form id="door">
<label for="key">Key or access token</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" autofocus required>
<button>Open</button> <span id="refused" class="error" aria-live="polite"></span>
</form>
<script>
let credential = {};
{
  const [door, key, refused] =
    ['door', 'key', 'refused'].map(id => document.getElementById(id));
  const say = response => response.json().then(
    answer => answer.error ?? answer.message, () => 'status ' + response.status);
  door.addEventListener('submit', async event => {
    event.preventDefault();
    refused.textContent = '';
    try {
      const brought = {authorization: 'Bearer ' + key.value.trim()};
      const response = await fetch('/', {headers: {accept: 'text/html', ...brought},
                                         cache: 'no-store'});
      if (!response.ok) {
        refused.textContent = await say(response);
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      credential = brought;
      key.value = '';
      const scripts = [...page.body.querySelectorAll('script')].map(each => {
        const script = document.createElement('script');
        script.textContent = each.textContent;
        each.remove();
        return script;
      });
      document.body.replaceChildren(...page.body.childNodes, ...scripts);
    } catch (problem) {
      refused.textContent = String(problem);
    }
  });
}
</script></body></html>
)";

// Between tags; what closes a script or an element stands escaped.
std::string escaped(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string texts_json(const scorer::Candidates& candidates) {
  std::string json = "{";
  const std::size_t count = std::min(kTextsMax, candidates.rows.size());
  for (std::size_t j = 0; j < count; ++j) {
    if (j > 0) json += ',';
    table::append_json_string(candidates.rows[j].id, json);
    json += ':';
    table::append_json_string(candidates.rows[j].text.substr(0, 400), json);
  }
  return escaped(json + "}");
}

}  // namespace

std::string_view key_page() {
  static const std::string kPage = std::string(kHead) + std::string(kKeyPage);
  return kPage;
}

std::string make_page(const serve::Endpoint& endpoint) {
  const auto deployment = endpoint.deployment();
  const scorer::Scorer& scorer = deployment->scorer();
  std::string page(kHead);
  // A name is a-z, 0-9, '.', '_' and '-': nothing to escape.
  page += "<h1>" + endpoint.name() + "</h1>\n<p class=\"about\">" + scorer.title();
  std::string data;
  if (const scorer::MatchScorer* match = scorer.match()) {
    page += ", " + std::to_string(match->candidates().rows.size()) + " candidates</p>\n";
    page += kMatchBody;
    data = "const texts = " + texts_json(match->candidates()) + ";";
    data += kRankedScript;
    data += kMatchScript;
  } else if (const scorer::ImageScorer* image = scorer.image()) {
    page += ", " + std::to_string(image->labels().rows.size()) + " categories</p>\n";
    page += kImageBody;
    data += kRankedScript;
    data += kImageScript;
  } else {
    page += "</p>\n";
    page += kRowsBody;
    const std::string example =
        contract::example_request(deployment->offer(), deployment->example_row());
    // There is none where it would be too large to be shown.
    if (!example.empty()) {
      data = "const example = " + escaped(example) + ";";
      data += kRowsScript;
    }
    data += kShowRows;
  }
  page += "<script>\nconst [form, input, answers, time] =\n";
  page += "  ['form', 'input', 'answers', 'time'].map(id => document.getElementById(id));\n";
  page += data;
  page += kAsk;
  page += "</script></body></html>\n";
  return page;
}

}  // namespace front
