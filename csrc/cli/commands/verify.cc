#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands/commands.h"
#include "cli/io/json.h"
#include "cli/io/text.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

struct Check {
  Combination way;
  std::optional<Difference> difference;
};

ModelInfo verifiable(const std::string& path) {
  ModelInfo info = Model(path).info();
  if (info.self_tests > 0) return info;
  throw Error(ErrorKind::kModelFile, path + ": expected a self-test, the file has none");
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string line_of(const Check& check) {
  return padded(check.way.isa, 10) + padded(check.way.conv_algo, 12) +
         padded(counted(static_cast<std::size_t>(check.way.threads), "thread"), 13) +
         (check.difference ? "DIFFERENT at " + plain(check.difference->layer) : "bit-exact") + "\n";
}

void write_text(Json& json, std::string_view key, std::string_view value) {
  json.key(key);
  json.text(value);
}

void write_integer(Json& json, std::string_view key, std::int64_t value) {
  json.key(key);
  json.integer(value);
}

void write(Json& json, const Difference& difference) {
  json.begin_object();
  write_text(json, "layer", difference.layer);
  write_text(json, "ops", difference.ops);
  write_text(json, "value", difference.value);
  write_text(json, "kernel", difference.kernel);
  write_text(json, "isa", difference.isa);
  write_integer(json, "threads", difference.threads);
  write_integer(json, "picture", difference.picture);
  write_integer(json, "expected", difference.expected);
  write_integer(json, "found", difference.found);
  json.end_object();
}

// With the keys of `edgebin verify --json`.
std::string document(const ModelInfo& model, const std::vector<Check>& checks, bool exact) {
  Json json;
  json.begin_object();
  write_text(json, "model", model.name);
  write_integer(json, "pictures", static_cast<std::int64_t>(model.self_tests));
  json.key("exact");
  json.boolean(exact);
  json.key("checks");
  json.begin_array();
  for (const Check& check : checks) {
    json.begin_object();
    write_text(json, "isa", check.way.isa);
    write_text(json, "conv_algorithm", check.way.conv_algo);
    write_text(json, "product", check.way.conv_algo);  // its name in release 0.1
    write_integer(json, "threads", check.way.threads);
    json.key("difference");
    check.difference ? write(json, *check.difference) : json.null();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.document() + "\n";
}

}  // namespace

int verify(const Arguments& arguments) {
  const std::vector<Combination> ways = combinations(arguments.isa, arguments.threads);
  const ModelInfo info = verifiable(arguments.model);
  std::vector<Check> checks;
  const Difference* first = nullptr;
  checks.reserve(ways.size());
  for (const Combination& way : ways) {
    const Model model(arguments.model, {way.isa, way.threads, false, way.conv_algo});
    checks.push_back({way, model.verify()});
    if (!arguments.json) print(line_of(checks.back()));
    const std::optional<Difference>& found = checks.back().difference;
    if (first == nullptr && found.has_value()) first = &*found;
  }
  if (arguments.json) print(document(info, checks, first == nullptr));
  if (first != nullptr) {
    complain(arguments.model + ": " + describe(*first));
    return kDifferent;
  }
  if (!arguments.json) {
    print("bit-exact: " + plain(info.name) + ", " + counted(info.self_tests, "picture") + " in " +
          counted(checks.size(), "way") + "\n");
  }
  return kGood;
}

}  // namespace edgebin::cli
