#include "cli/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "base/error.h"

namespace edgebin::cli {
namespace {

constexpr int kMaxCalls = 1000000;
constexpr int kUnlimited = std::numeric_limits<int>::max();

struct Flag {
  std::string_view name;
  bool Arguments::* field;
  std::optional<Command> only;  // the command that has this option, if not all have it
};

struct Number {
  std::string_view name;
  int Arguments::* field;
  int min;
  int max;
  std::optional<Command> only;
};

struct Real {
  std::string_view name;
  double Arguments::* field;
  double max;  // above 0
  std::optional<Command> only;
};

struct Text {
  std::string_view name;
  std::string Arguments::* field;
  std::optional<Command> only;
};

struct List {
  std::string_view name;
  std::vector<std::string> Arguments::* field;
  std::optional<Command> only;
};

struct CommandName {
  std::string_view name;
  Command command;
};

constexpr std::array kFlags = {Flag{"--json", &Arguments::json, std::nullopt},
                               Flag{"--raw", &Arguments::raw, Command::kRun},
                               Flag{"--pin", &Arguments::pin, Command::kBench},
                               Flag{"--profile", &Arguments::profile, Command::kBench}};
// The core knows how many threads there may be.
constexpr std::array kNumbers = {
    Number{"--threads", &Arguments::threads, 1, kUnlimited, std::nullopt},
    Number{"--top", &Arguments::top, 1, kUnlimited, Command::kRun},
    Number{"--runs", &Arguments::runs, 1, kMaxCalls, Command::kBench},
    Number{"--warmup", &Arguments::warmup, 0, kMaxCalls, Command::kBench},
    Number{"--batch", &Arguments::batch, 1, 4096, Command::kBench}};
constexpr std::array kReals = {Real{"--seconds", &Arguments::seconds, 3600, Command::kBench}};
constexpr std::array kTexts = {Text{"--isa", &Arguments::isa, std::nullopt},
                               Text{"--output", &Arguments::output, Command::kRun}};

constexpr std::array kLists = {List{"--input", &Arguments::inputs, Command::kRun}};

constexpr std::array kCommands = {
    CommandName{"run", Command::kRun}, CommandName{"inspect", Command::kInspect},
    CommandName{"bench", Command::kBench}, CommandName{"verify", Command::kVerify}};
constexpr std::array kCommandOptions = {CommandName{"--version", Command::kVersion},
                                        CommandName{"--help", Command::kHelp},
                                        CommandName{"-h", Command::kHelp}};
// Commands as release 0.1 spells them.
constexpr std::array kOldCommandOptions = {CommandName{"--bench", Command::kBench},
                                           CommandName{"--info", Command::kInspect},
                                           CommandName{"--verify", Command::kVerify}};

[[noreturn]] void fail(const std::string& line) { throw Error(ErrorKind::kOption, line); }

// The entry of a table with this name, or null.
template <class Table>
auto find(const Table& table, std::string_view name) {
  const auto entry =
      std::ranges::find_if(table, [&](const auto& candidate) { return candidate.name == name; });
  return entry == table.end() ? nullptr : &*entry;
}

std::string_view name_of(Command command) {
  const auto* const entry = std::ranges::find(kCommands, command, &CommandName::command);
  return entry == kCommands.end() ? "" : entry->name;
}

bool is_model_path(std::string_view word) { return word.ends_with(".ebn"); }

int number_of(std::string_view text, const Number& option) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && !text.starts_with('-')) value = kUnlimited;
  const bool is_number = error != std::errc::invalid_argument && end == text.data() + text.size();
  if (is_number && value >= option.min && value <= option.max) return value;
  const std::string bounds = option.max == kUnlimited ? message("at least ", option.min)
                                                      : message(option.min, " to ", option.max);
  fail(message(option.name, ": expected ", bounds, ", found ", quoted(text)));
}

double real_of(const std::string& text, const Real& option) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0' && value > 0 && value <= option.max) return value;
  fail(message(option.name, ": expected a number above 0 and at most ",
               static_cast<int>(option.max), ", found ", quoted(text)));
}

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {}

  Arguments parse() {
    while (!words_.empty()) {
      const std::string_view word = next();
      if (word == "--") {
        while (!words_.empty()) take_path(next());
      } else if (word.size() > 1 && word.starts_with('-')) {
        take_option(word);
      } else if (const auto* const named = find(kCommands, word); named && may_name_command()) {
        choose(*named);
      } else {
        take_path(word);
      }
    }
    check();
    if (arguments_.command == Command::kVerify && !is_given("--threads")) arguments_.threads = 0;
    return std::move(arguments_);
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

  // A command is the first word that is no option.
  bool may_name_command() const { return arguments_.model.empty() && chosen_.empty(); }

  void take_path(std::string_view word) {
    if (arguments_.model.empty()) {
      arguments_.model = word;
    } else {
      arguments_.images.emplace_back(word);
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
    } else if (const auto* const real = find(kReals, name)) {
      arguments_.*real->field = real_of(std::string(value()), *real);
      given_.push_back({name, real->only});
    } else if (const auto* const text = find(kTexts, name)) {
      arguments_.*text->field = value();
      given_.push_back({name, text->only});
    } else if (const auto* const list = find(kLists, name)) {
      (arguments_.*list->field).emplace_back(value());
      given_.push_back({name, list->only});
    } else if (const auto* const flag = find(kFlags, word)) {
      arguments_.*flag->field = true;
      given_.push_back({word, flag->only});
    } else if (const auto* const asked = find(kCommandOptions, word)) {
      arguments_.command = std::max(arguments_.command, asked->command);
    } else if (const auto* const old = find(kOldCommandOptions, word)) {
      arguments_.deprecations.push_back(
          message(word, " is deprecated, use: edgebin-run ", name_of(old->command), " MODEL.ebn"));
      choose(*old);
    } else {
      fail(message("unknown option ", quoted(word), "; see --help"));
    }
  }

  // --help and --version win over every command, whatever their order.
  void choose(const CommandName& named) {
    if (arguments_.command >= Command::kVersion) return;
    if (!chosen_.empty() && arguments_.command != named.command) {
      fail(message(chosen_, " and ", named.name, ": expected one of them, found both"));
    }
    chosen_ = named.name;
    arguments_.command = named.command;
  }

  bool is_given(std::string_view name) const {
    return std::ranges::find(given_, name, &Given::name) != given_.end();
  }

  void check() const {
    const Command command = arguments_.command;
    if (command >= Command::kVersion) return;
    for (const Given& option : given_) {
      if (!option.only || *option.only == command) continue;
      fail(message(option.name, ": is an option of ", name_of(*option.only), ", not of ",
                   name_of(command), "; see --help"));
    }
    if (arguments_.model.empty()) fail("expected a model, found none; see --help");
    if (!arguments_.inputs.empty()) {
      check_inputs();
    } else if (command == Command::kRun && arguments_.images.empty()) {
      fail("expected images after the model, found none; see --help");
    }
    if (command == Command::kRun && !is_model_path(arguments_.model)) {
      const auto model = std::ranges::find_if(arguments_.images, is_model_path);
      if (model != arguments_.images.end()) {
        fail(message("run: expected the model first, found ", quoted(arguments_.model), " before ",
                     quoted(*model), "; usage: edgebin-run run MODEL.ebn IMAGE..."));
      }
    }
    if (command != Command::kRun && !arguments_.images.empty()) {
      fail(message(name_of(command), ": expected a model only, found ",
                   quoted(arguments_.images.front())));
    }
    if (is_given("--runs") && is_given("--seconds")) {
      fail("--runs and --seconds: expected one of them, found both");
    }
    if (arguments_.json && !arguments_.output.empty()) {
      fail("--json and --output: expected one of them, found both");
    }
  }

  void check_inputs() const {
    for (const std::string& input : arguments_.inputs) {
      if (input.find('=') != std::string::npos) continue;
      fail(message("--input: expected NAME=FILE, found ", quoted(input)));
    }
    if (!arguments_.images.empty()) fail("--input and images: expected one of them, found both");
    if (arguments_.output.empty()) fail("--input: expected --output FILE, too, found none");
  }

  std::span<const std::string_view> words_;
  Arguments arguments_;
  std::string_view chosen_;  // the command as it was spelled; "" if none was
  std::vector<Given> given_;
};

}  // namespace

Arguments parse(std::span<const std::string_view> words) { return Parser(words).parse(); }

}  // namespace edgebin::cli
