// `edgebin-run verify`: compares each layer of every instruction set, conv algorithm and number of
// threads with the fingerprint of the file.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

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

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string line_of(const Check& check) {
  return padded(check.way.isa, 10) + padded(check.way.conv_algo, 14) +
         padded(counted(static_cast<std::size_t>(check.way.threads), "thread"), 13) +
         (check.difference ? "DIFFERENT at " + plain(check.difference->layer) : "bit-exact") + "\n";
}

void write(Json& json, const Difference& difference) {
  json.begin_object();
  json.member("layer", difference.layer);
  json.member("ops", difference.ops);
  json.member("value", difference.value);
  json.member("kernel", difference.kernel);
  json.member("isa", difference.isa);
  json.member("threads", difference.threads);
  json.member("image", difference.image);
  json.member("picture", difference.image);  // the name in release 0.1
  json.member("expected", difference.expected);
  json.member("found", difference.found);
  json.end_object();
}

// With the keys of `edgebin verify --json`.
std::string document(const ModelInfo& model, const std::vector<Check>& checks, bool exact) {
  Json json;
  json.begin_object();
  json.member("model", model.name);
  json.member("images", model.probe_images);
  json.member("pictures", model.probe_images);  // the name in release 0.1
  json.member("exact", exact);
  json.key("checks");
  json.begin_array();
  for (const Check& check : checks) {
    json.begin_object();
    json.member("isa", check.way.isa);
    json.member("conv_algorithm", check.way.conv_algo);
    json.member("product", check.way.conv_algo);  // the name in release 0.1
    json.member("threads", check.way.threads);
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
  std::vector<Check> checks;
  ModelInfo info;
  const Difference* first = nullptr;
  checks.reserve(ways.size());
  for (const Combination& way : ways) {
    const Model model(arguments.model, {way.isa, way.threads, false, way.conv_algo});
    checks.push_back({way, model.verify()});
    if (!arguments.json) print(line_of(checks.back()));
    const std::optional<Difference>& difference = checks.back().difference;
    if (first == nullptr && difference.has_value()) first = &*difference;
    info = model.info();
  }
  if (arguments.json) print(document(info, checks, first == nullptr));
  if (first != nullptr) {
    complain(arguments.model + ": " + describe(*first));
    return kDifferent;
  }
  if (!arguments.json) {
    print("bit-exact: " + plain(info.name) + ", " + counted(info.probe_images, "image") + " in " +
          counted(checks.size(), "way") + ", as the numpy reference computed it\n");
  }
  return kSuccess;
}

}  // namespace edgebin::cli
