#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include <fmt/format.h>

#include <mailpod/search/index.hpp>
#include <mailpod/text/unicode.hpp>

#include "simulation/dice.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

// Seen to fail: without the sync before a file gets its whole name, the power's loss leaves less than was settled;
// without the rename, or its sync, before the first change, a file in pieces is called whole; with places never asked
// for, documents do not move.
namespace mailpod::search {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Verdict = Hits::Verdict;

struct Indexed : testing::Test {
  Indexed() {
    disk->make_directory("vault");
    disk->sync_directory("");
  }

  crypto::VaultKey key() { return crypto::VaultKey(crypto::Key::copy_of(arena, secret)); }
  std::unique_ptr<Index> open() {
    auto index = std::make_unique<Index>(Index::Ports{*disk, entropy, base::silent_log()},
                                         Index::Identity{"vault/search", "ann"}, key(), settings);
    index->load([this](const Document& document) { return there(document); });
    return index;
  }
  /// What is at a place now.
  bool there(const Document& document) const {
    return document.place != 0 && at.contains(document.place) && at.at(document.place) == document.name;
  }

  static base::ByteArray<16> name(std::uint64_t number) {
    return *base::byte_array<16>(base::Encoder().u64(number).u64(7).str());
  }
  void add(Index& index, std::uint64_t place, const std::string& header, const std::string& body,
           const std::string& values = {}) {
    DocumentTerms terms;
    for (const auto& [field, text] : {std::pair(Field::header, header), {Field::body, body}, {Field::values, values}}) {
      terms.begin(field);
      terms.add(text::fold(text));
    }
    terms.end();
    at[place] = name(place);
    index.add({name(place), place, true}, terms);
  }
  static std::string verdicts(Index& index, std::string_view query, Where where, std::uint64_t until = 5) {
    const auto hits = index.look_up(text::fold(query), where);
    if (!hits) return "nothing";
    std::string all;
    for (std::uint64_t place = 1; place <= until; ++place) all += "-+?"[static_cast<int>(hits->of(place))];
    return all;
  }
  std::vector<std::string> files(std::string_view suffix) {
    std::vector<std::string> found;
    for (const auto& path : disk->files()) {
      if (path.ends_with(suffix)) found.push_back(path);
    }
    return found;
  }

  std::unique_ptr<simulation::Disk> disk = std::make_unique<simulation::Disk>();
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  std::string secret = std::string(32, 'k');
  Index::Settings settings{.generation = 4};
  std::map<std::uint64_t, base::ByteArray<16>> at;
};

TEST_F(Indexed, DocumentsAreFoundByWordsAndPiecesInTheirFields) {
  const auto index = open();
  add(*index, 1, "Subject: offer", "the Größe of it");
  add(*index, 2, "Subject: x", "an offering, offered");
  add(*index, 3, "Subject: meeting", "tomorrow", "Ann Lee");
  EXPECT_EQ(verdicts(*index, "offer", Where::body), "-+-??");
  EXPECT_EQ(verdicts(*index, "ffer", Where::message), "++-??");
  EXPECT_EQ(verdicts(*index, "GROSSE", Where::message), "+--??");
  EXPECT_EQ(verdicts(*index, "lee", Where::message), "---??");
  EXPECT_EQ(verdicts(*index, "lee", Where::values), "--???") << "what is compared there is compared by reading";
  EXPECT_EQ(verdicts(*index, "offering, offered", Where::body), "-?-??");
  EXPECT_EQ(verdicts(*index, "meeting tomorrow", Where::message), "---??") << "each stands in another field";
  EXPECT_EQ(verdicts(*index, "of", Where::body), "nothing");
}

TEST_F(Indexed, DocumentsAreThereAfterReopening) {
  auto index = open();
  for (std::uint64_t place = 1; place <= 11; ++place) {
    add(*index, place, "", fmt::format("word{} even{}", place, place % 2));
    while (index->finish_more()) {
    }
  }
  index->settle();
  EXPECT_THAT(files(".db"), SizeIs(3));
  index = open();
  EXPECT_EQ(index->stats().documents, 11U);
  EXPECT_EQ(verdicts(*index, "word3", Where::body, 12), "--+--------?");
  EXPECT_EQ(verdicts(*index, "en0", Where::body, 12), "-+-+-+-+-+-?");
  add(*index, 12, "", "word3 later");
  EXPECT_EQ(verdicts(*index, "word3", Where::body, 12), "--+--------+");
  EXPECT_EQ(verdicts(*index, "later", Where::body, 12), "-----------+");
}

TEST_F(Indexed, DocumentsThatAreNotDescribedMustBeRead) {
  const auto index = open();
  add(*index, 1, "", "plain");
  at[2] = name(2);
  index->add({name(2), 2, false}, {});
  add(*index, 3, "", "plain");
  EXPECT_EQ(verdicts(*index, "plain", Where::body), "+?+??");
}

TEST_F(Indexed, TermsThatAreTooManyMustBeRead) {
  settings.terms = 3;
  settings.generation = 100;
  const auto index = open();
  add(*index, 1, "", "1abc 2abc 3abc 4abc");
  add(*index, 2, "", "1abc xyz");
  EXPECT_EQ(verdicts(*index, "abc", Where::body), "?????");
  EXPECT_EQ(verdicts(*index, "1abc", Where::body), "++???");
  EXPECT_EQ(verdicts(*index, "abc xyz", Where::body),
            "-?"
            "???")
      << "one key said something";
}

TEST_F(Indexed, FilesThatAreDamagedAreDroppedAndTheOthersServe) {
  auto index = open();
  for (std::uint64_t place = 1; place <= 8; ++place) {
    add(*index, place, "", "common");
    while (index->finish_more()) {
    }
  }
  index->settle();
  index.reset();
  const auto names = files(".db");
  ASSERT_THAT(names, SizeIs(2));
  const auto whole = base::read_file(*disk, names[0], 1 << 24);
  simulation::Dice dice(3);
  for (int round = 0; round < 60; ++round) {
    const auto copy = disk->clean_copy();
    auto file = copy->open(names[0], base::Disk::Open::read_write);
    if (round % 6 == 0) {
      copy->unlink(names[0]);
    } else if (round % 6 == 1) {
      file->truncate(dice.below(whole.size()));
    } else {
      const auto place = dice.below(whole.size());
      file->write_at(place, std::string(1, static_cast<char>(whole[place] ^ (1 << dice.below(8)))));
    }
    Index damaged({*copy, entropy, base::silent_log()}, {"vault/search", "ann"}, key(), settings);
    damaged.load([this](const Document& document) { return there(document); });
    const auto hits = damaged.look_up("common", Where::body);
    ASSERT_TRUE(hits);
    int sure = 0;
    for (std::uint64_t place = 1; place <= 8; ++place) {
      ASSERT_NE(hits->of(place), Verdict::no) << round;
      if (hits->of(place) == Verdict::yes) ++sure;
    }
    ASSERT_GE(sure, 4) << round;
  }
}

TEST_F(Indexed, ALookUpEndsBetweenGenerations) {
  const auto index = open();
  for (std::uint64_t place = 1; place <= 12; ++place) {
    add(*index, place, "", "common");
    while (index->finish_more()) {
    }
  }
  int asked = 0;
  EXPECT_EQ(index->look_up("common", Where::body, [&] { return ++asked == 3; }), nullptr);
  EXPECT_EQ(asked, 3);
  EXPECT_NE(index->look_up("common", Where::body, [&] { return false; }), nullptr);
  EXPECT_GE(index->stats().generations, 3U);
}

TEST_F(Indexed, FilesOfAnotherVaultAreDropped) {
  auto index = open();
  add(*index, 1, "", "mine");
  index->settle();
  index.reset();
  secret = std::string(32, 'o');
  index = open();
  EXPECT_EQ(index->stats().documents, 0U);
  EXPECT_THAT(files(".db"), IsEmpty());
}

TEST_F(Indexed, DocumentsMayMove) {
  auto index = open();
  for (std::uint64_t place = 1; place <= 6; ++place) {
    add(*index, place, "", fmt::format("word{}", place));
    while (index->finish_more()) {
    }
  }
  index->settle();
  index.reset();
  // As after a rewrite of the journal: everything stands elsewhere, two are gone.
  at.clear();
  for (std::uint64_t old : {1U, 2U, 4U, 6U}) at[old + 10] = name(old);
  for (int openings = 0; openings < 2; ++openings) {
    index = open();
    const bool known = index->places()->size() == 4;
    EXPECT_EQ(known, openings == 1);
    for (const auto& [place, name] : at) EXPECT_EQ(index->relocate(name, place), !known);
    EXPECT_EQ(verdicts(*index, "word4", Where::body, 16), std::string(10, '?') + "--?+?-");
    index->settle();
    index.reset();
  }
}

TEST_F(Indexed, GenerationsThatAreMostlyGoneAreDropped) {
  auto index = open();
  for (std::uint64_t place = 1; place <= 8; ++place) {
    add(*index, place, "", "word");
    while (index->finish_more()) {
    }
  }
  index->settle();
  EXPECT_TRUE(index->sweep({1, 5, 6, 7, 8}));
  EXPECT_EQ(*index->places(), (std::vector<std::uint64_t>{5, 6, 7, 8}));
  EXPECT_THAT(files(".db"), SizeIs(1));
  EXPECT_FALSE(index->sweep({5, 6}));
}

TEST_F(Indexed, TroubleWhileWritingLosesNothingButTheOpenGeneration) {
  for (std::uint64_t call = 1; call < 60; ++call) {
    disk = std::make_unique<simulation::Disk>();
    disk->make_directory("vault");
    at.clear();
    auto index = open();
    const auto first = disk->calls();
    disk->fail_call(first + call, call % 2 == 0 ? EIO : ENOSPC);
    std::uint64_t place = 1;
    try {
      for (; place <= 6; ++place) {
        add(*index, place, "", fmt::format("word{}", place));
        while (index->finish_more()) {
        }
      }
      index->settle();
    } catch (const std::runtime_error&) {
      index->abandon();
    }
    disk->heal();
    for (std::uint64_t sought = 1; sought <= 6; ++sought) {
      const auto hits = index->look_up(fmt::format("word{}", sought), Where::body);
      ASSERT_TRUE(hits);
      for (std::uint64_t other = 1; other <= 6; ++other) {
        ASSERT_NE(hits->of(other), sought == other ? Verdict::no : Verdict::yes) << call;
      }
    }
    EXPECT_THAT(files(".open"), IsEmpty()) << call;
  }
}

/// Whenever the power goes: what is found afterwards is right, and what was settled is there.
TEST_F(Indexed, PowerLossLeavesTheIndexRightOrTheDocumentsUnknown) {
  for (std::uint64_t call = 1; call < 120; ++call) {
    disk = std::make_unique<simulation::Disk>(call);
    disk->make_directory("vault");
    disk->sync_directory("");
    at.clear();
    std::size_t settled = 0;
    {
      auto index = open();
      disk->crash_at_call(disk->calls() + call);
      try {
        for (std::uint64_t place = 1; place <= 6; ++place) {
          add(*index, place, "", fmt::format("word{}", place));
          while (index->finish_more()) {
          }
          if (place == 4) settled = 4;
          if (place == 5) {
            index->settle();
            settled = 5;
          }
        }
        index->settle();
        settled = 6;
      } catch (const std::exception&) {  // the power's loss, as such or as SQLite's trouble with the disk
      }
    }
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const auto after = disk->crash(seed);
      Index index({*after, entropy, base::silent_log()}, {"vault/search", "ann"}, key(), settings);
      index.load([this](const Document& document) { return there(document); });
      if (settled == 4) ASSERT_GE(index.stats().documents, 4U) << "a finished generation is not touched again";
      for (std::uint64_t sought = 1; sought <= 6; ++sought) {
        const auto hits = index.look_up(fmt::format("word{}", sought), Where::body);
        ASSERT_TRUE(hits);
        for (std::uint64_t other = 1; other <= 6; ++other) {
          ASSERT_NE(hits->of(other), sought == other ? Verdict::no : Verdict::yes) << call << ' ' << seed;
        }
      }
    }
    if (settled == 6) return;  // every call was tried
  }
  FAIL() << "the power went before the end each time";
}

TEST_F(Indexed, FilesAreCalledWholeOnlyWhileTheyAre) {
  auto index = open();
  add(*index, 1, "", "word");
  index->settle();
  ASSERT_THAT(files(".db"), SizeIs(1));
  add(*index, 2, "", "word");
  EXPECT_THAT(files(".db"), IsEmpty());
  for (std::uint64_t seed = 1; seed <= 32; ++seed) {
    for (const auto& path : disk->crash(seed)->files()) EXPECT_FALSE(path.ends_with(".db")) << seed;
  }
  index->settle();
  for (std::uint64_t seed = 1; seed <= 32; ++seed) {
    const auto after = disk->crash(seed);
    Index whole({*after, entropy, base::silent_log()}, {"vault/search", "ann"}, key(), settings);
    whole.load([this](const Document& document) { return there(document); });
    EXPECT_EQ(whole.stats().documents, 2U) << seed;
  }
}

TEST_F(Indexed, WordsStandNowhereOnTheDisk) {
  auto index = open();
  for (std::uint64_t place = 1; place <= 6; ++place) {
    add(*index, place, "canaryheader", "canarybody");
    EXPECT_THAT(disk->files_with("canary"), IsEmpty());
    while (index->finish_more()) {
    }
  }
  index->settle();
  EXPECT_THAT(disk->files_with("canary"), IsEmpty());
  EXPECT_THAT(files(".db"), SizeIs(2));
}

TEST_F(Indexed, EverythingIsRemovedOnDemand) {
  auto index = open();
  add(*index, 1, "", "word");
  index->settle();
  index->drop();
  EXPECT_EQ(index->stats().documents, 0U);
  EXPECT_THAT(files(".db"), IsEmpty());
  EXPECT_EQ(verdicts(*index, "word", Where::body), "?????");
}

}  // namespace
}  // namespace mailpod::search
