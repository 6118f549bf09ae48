#include "cli/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/error.h"

namespace edgebin::cli {
namespace {

constexpr int kMany = 1000000;

struct Flag {
  std::string_view name;
  bool Arguments::* field;
  std::optional<Command> only;
};

struct Number {
  std::string_view name;
  int Arguments::* field;
  int least;
  int most;
  std::optional<Command> only;
};

struct Text {
  std::string_view name;
  std::string Arguments::* field;
  std::optional<Command> only;
};

struct Choice {
  std::string_view name;
  Command command;
};

constexpr std::array kFlags = {Flag{"--json", &Arguments::json, std::nullopt},
                               Flag{"--raw", &Arguments::raw, Command::kClassify},
                               Flag{"--pin", &Arguments::pin, Command::kBench}};
constexpr std::array kNumbers = {
    Number{"--threads", &Arguments::threads, 1, 256, std::nullopt},
    Number{"--top", &Arguments::top, 1, std::numeric_limits<int>::max(), Command::kClassify},
    Number{"--runs", &Arguments::runs, 1, kMany, Command::kBench},
    Number{"--warmup", &Arguments::warmup, 0, kMany, Command::kBench},
    Number{"--batch", &Arguments::batch, 1, 4096, Command::kBench}};
constexpr std::array kTexts = {Text{"--isa", &Arguments::isa, std::nullopt},
                               Text{"--output", &Arguments::output, Command::kClassify}};
constexpr std::array kChoices = {
    Choice{"--bench", Command::kBench},   Choice{"--info", Command::kInfo},
    Choice{"--verify", Command::kVerify}, Choice{"--version", Command::kVersion},
    Choice{"--help", Command::kHelp},     Choice{"-h", Command::kHelp}};

[[noreturn]] void fail(const std::string& line) { throw Error(ErrorKind::kOption, line); }

template <class List>
auto find(const List& list, std::string_view name) {
  const auto found = std::ranges::find_if(list, [&](const auto& one) { return one.name == name; });
  return found == list.end() ? nullptr : &*found;
}

int number_of(std::string_view text, const Number& option) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (whole && value >= option.least && value <= option.most) return value;
  fail(message(option.name, ": expected ", option.least, " to ", option.most, ", found ",
               quoted(text)));
}

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {}

  Arguments parse() {
    while (!words_.empty()) {
      const std::string_view word = next();
      if (word == "--") {
        while (!words_.empty()) take_place(next());
      } else if (word.size() > 1 && word.starts_with('-')) {
        take_option(word);
      } else {
        take_place(word);
      }
    }
    check();
    if (arguments_.command == Command::kVerify && !is_given("--threads")) arguments_.threads = 0;
    return arguments_;
  }

 private:
  struct Given {
    std::string_view name;
    std::optional<Command> only;
  };

  std::string_view next() {
    const std::string_view word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }

  void take_place(std::string_view word) {
    if (arguments_.model.empty()) {
      arguments_.model = word;
    } else {
      arguments_.pictures.emplace_back(word);
    }
  }

  void take_option(std::string_view word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    const bool joined = equals < word.size();
    const auto value = [&] {
      if (joined) return word.substr(equals + 1);
      if (words_.empty()) fail(message(name, ": expected a value, found none"));
      return next();
    };
    if (const auto* const number = find(kNumbers, name)) {
      arguments_.*number->field = number_of(value(), *number);
      given_.push_back({name, number->only});
    } else if (const auto* const text = find(kTexts, name)) {
      arguments_.*text->field = value();
      given_.push_back({name, text->only});
    } else if (const auto* const flag = find(kFlags, word)) {
      arguments_.*flag->field = true;
      given_.push_back({word, flag->only});
    } else if (const auto* const choice = find(kChoices, word)) {
      choose(choice->command);
    } else {
      fail(message("unknown option ", quoted(word), "; see --help"));
    }
  }

  // Help before version before all else.
  void choose(Command command) {
    if (arguments_.command == Command::kClassify || command > arguments_.command) {
      arguments_.command = command;
    }
  }

  bool is_given(std::string_view name) const {
    return std::ranges::find(given_, name, &Given::name) != given_.end();
  }

  void check() const {
    const Command command = arguments_.command;
    if (command == Command::kHelp || command == Command::kVersion) return;
    for (const Given& option : given_) {
      if (!option.only || *option.only == command) continue;
      fail(message(option.name, ": is an option of ",
                   *option.only == Command::kBench ? "--bench" : "classifying", "; see --help"));
    }
    if (arguments_.model.empty()) fail("expected a model, found none; see --help");
    if (command == Command::kClassify && arguments_.pictures.empty()) {
      fail("expected pictures behind the model, found none; see --help");
    }
    if (command != Command::kClassify && !arguments_.pictures.empty()) {
      fail(message("expected the model alone, found ", quoted(arguments_.pictures.front())));
    }
    if (arguments_.json && !arguments_.output.empty()) {
      fail("--json and --output: expected one of them, found both");
    }
  }

  std::span<const std::string_view> words_;
  Arguments arguments_;
  std::vector<Given> given_;
};

}  // namespace

Arguments parse(std::span<const std::string_view> words) { return Parser(words).parse(); }

}  // namespace edgebin::cli
