// Generated malformed files. From a small and a medium file of each kind in the oracle's corpus:
// every truncation, every flipped bit of prefix and header, every field of the header set to
// hostile numbers, alone and in pairs, every string and list changed, and damaged contents. Each is
// tried as it is and with the right checksum.
//
//   EDGEBIN_ATTACK_EVERY=1 build/asan/tests/cpp/attack/edgebin_attack_test
//
// tries all of them, more than a million; without that variable every 40th.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "attack/anatomy.h"
#include "attack/every.h"
#include "attack/forgery.h"
#include "attack/trial.h"
#include "base/error.h"
#include "runtime/corpus.h"
#include "runtime/hostile.h"

namespace edgebin::attack {
namespace {

constexpr std::size_t kMaxFile = 2500;
constexpr int kPairs = 1500;  // of each file

struct Victim {
  std::string name;
  File file;
  Anatomy anatomy;
};

// Of each kind of network, NAME of NAME-0.ebn, NAME-1.ebn, ..: the smallest file and the largest of
// those that are small.
std::vector<Victim> victims() {
  std::map<std::string, std::pair<Victim, Victim>> by_kind;
  for (const auto& path : corpus()) {
    if (std::filesystem::file_size(path) > kMaxFile) continue;
    const std::string stem = path.stem().string();
    const File file = bytes_of(path);
    auto& [small, large] = by_kind[stem.substr(0, stem.rfind('-'))];
    if (small.file.empty() || file.size() < small.file.size()) small = {stem, file, {}};
    if (file.size() > large.file.size()) large = {stem, file, {}};
  }
  std::vector<Victim> all;
  for (auto& [kind, pair] : by_kind) {
    for (Victim* victim : {&pair.first, &pair.second}) {
      victim->anatomy = dissect(victim->file).value();
      all.push_back(std::move(*victim));
    }
  }
  return all;
}

class Attack : public testing::Test {
 protected:
  void SetUp() override {
    victims_ = victims();
    EDGEBIN_SKIP_WITHOUT_CORPUS(victims_);
  }

  void TearDown() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    if (tally_.cases > 0) std::cout << tally_.line(test->name()) << '\n' << std::flush;
  }

  // Whether the next case is to be tried.
  bool due() { return next_++ % every() == 0 && !HasFailure(); }

  void attempt(const Victim& victim, File file, const std::string& how) {
    file.shrink_to_fit();
    try_both(std::move(file), victim.name + ": " + how, tally_);
  }

  std::vector<Victim> victims_;
  Tally tally_;
  std::int64_t next_ = 0;
};

TEST_F(Attack, EveryTruncation) {
  for (const Victim& victim : victims_) {
    for (std::size_t length = 0; length < victim.file.size(); ++length) {
      if (!due()) continue;
      const auto end = victim.file.begin() + static_cast<std::ptrdiff_t>(length);
      attempt(victim, File(victim.file.begin(), end), message("cut to ", length));
    }
  }
  EXPECT_EQ(tally_.refused, tally_.cases) << "no part of a file is a file";
}

TEST_F(Attack, EveryTruncationOfTheHeaderAlone) {
  for (const Victim& victim : victims_) {
    for (std::size_t end = kPrefix; end < victim.anatomy.header_end; ++end) {
      if (!due()) continue;
      attempt(victim,
              with_header_part(victim.file, victim.anatomy, end, victim.anatomy.header_end, {}),
              message("header cut at ", end));
    }
  }
  EXPECT_EQ(tally_.refused, tally_.cases) << "no part of a header is a header";
}

TEST_F(Attack, EveryFlippedBit) {
  for (const Victim& victim : victims_) {
    for (std::size_t bit = 0; bit < victim.anatomy.header_end * 8; ++bit) {
      if (!due()) continue;
      File file = victim.file;
      file[bit / 8] ^= std::byte{1} << (bit % 8);
      attempt(victim, std::move(file), message("bit ", bit, " flipped"));
    }
  }
}

TEST_F(Attack, EveryFieldSetToEveryHostileNumber) {
  for (const Victim& victim : victims_) {
    for (const Field& field : victim.anatomy.fields) {
      for (const std::uint64_t number : hostile_numbers(field, number_at(victim.file, field))) {
        if (!due()) continue;
        attempt(victim, with_number(victim.file, field, number),
                message("byte ", field.at, " = ", number));
      }
    }
  }
}

TEST_F(Attack, PairsOfFields) {
  std::mt19937 random(20261126);
  for (const Victim& victim : victims_) {
    const auto& fields = victim.anatomy.fields;
    for (int turn = 0; turn < kPairs; ++turn) {
      File file = victim.file;
      std::string how;
      for (int i = 0; i < 2; ++i) {
        const Field& field = fields[random() % fields.size()];
        const auto numbers = hostile_numbers(field, number_at(victim.file, field));
        const std::uint64_t number = numbers[random() % numbers.size()];
        put_number(file, field, number);
        how += message("byte ", field.at, " = ", number, ", ");
      }
      if (due()) attempt(victim, std::move(file), how);
    }
  }
}

TEST_F(Attack, EveryStringChanged) {
  for (const Victim& victim : victims_) {
    for (const Text& text : victim.anatomy.texts) {
      for (const std::size_t length : {0, 1, 2, 64, 255, 256, 65'535}) {
        for (const int letter : {0x61, 0x00, 0x0a, 0x22, 0x80, 0xff}) {
          if (!due()) continue;
          const File bytes(length, static_cast<std::byte>(letter));
          attempt(victim, with_text(victim.file, victim.anatomy, text, bytes),
                  message("string at ", text.at, " of ", length, " x ", letter));
        }
      }
    }
  }
}

TEST_F(Attack, EveryListChanged) {
  for (const Victim& victim : victims_) {
    for (const List& list : victim.anatomy.lists) {
      for (std::size_t i = 0; i < list.items.size(); ++i) {
        for (const std::size_t copies : {0, 2, 3, 255, 256, 257, 20'000}) {
          if (!due()) continue;
          const std::string how =
              message("item ", i, " of the list at ", list.count.at, " x ", copies);
          File file = with_copies(victim.file, victim.anatomy, list, i, copies);
          attempt(victim, file, how);
          put_number(file, list.count, list.items.size());
          attempt(victim, std::move(file), how + ", not counted");
        }
      }
    }
  }
}

TEST_F(Attack, DamagedContents) {
  std::mt19937 random(20261127);
  for (const Victim& victim : victims_) {
    for (std::size_t at = victim.anatomy.header_end; at < victim.file.size(); ++at) {
      for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {
        if (!due()) continue;
        File file = victim.file;
        file[at] = static_cast<std::byte>(byte);
        if (random() % 2 == 0) file[random() % file.size()] ^= std::byte{0x40};
        attempt(victim, std::move(file), message("byte ", at, " = ", byte));
      }
    }
  }
}

}  // namespace
}  // namespace edgebin::attack
