// JSON as Python's json module indents it, with strings escaped and numbers that read back equal.
#include "cli/io/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

namespace edgebin::cli {
namespace {

TEST(Json, IndentsAsPythonDoes) {
  Json json;
  json.begin_object();
  json.member("a", -1);
  json.key("b");
  json.begin_array();
  json.null();
  json.value(true);
  json.value(std::optional<double>());
  json.end_array();
  json.key("c");
  json.begin_array();
  json.end_array();
  json.key("d");
  json.begin_object();
  json.end_object();
  json.end_object();
  EXPECT_EQ(json.document(),
            "{\n  \"a\": -1,\n  \"b\": [\n    null,\n    true,\n    null\n  ],\n  \"c\": [],\n  "
            "\"d\": {}\n}");
}

std::string text(std::string_view value) {
  Json json;
  json.value(value);
  return json.document();
}

TEST(Json, EscapesWhatStringsMustNotHold) {
  EXPECT_EQ(text("a\"\\\n\x1f"), R"("a\"\\\u000a\u001f")");
  EXPECT_EQ(text("\u00e9\u9b5a"), "\"\u00e9\u9b5a\"");
  EXPECT_EQ(text("\xff\xc3"), R"("\udcff\udcc3")");
}

std::string number(double value) {
  Json json;
  json.value(value);
  return json.document();
}

TEST(Json, NumbersReadBack) {
  EXPECT_EQ(number(1), "1.0");
  EXPECT_EQ(number(0.1), "0.1");
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(i % 99) - 90);
    EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
  }
}

}  // namespace
}  // namespace edgebin::cli
