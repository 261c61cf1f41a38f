// IMAP against a model of it. Some sessions of one member do random things to the same mailboxes, and every reply is
// held to a model that is written from the RFC, with a parser and tables of its own: which messages there are, with
// which flags, and what each session has been told of them. A reply that a client could be misled by is a failure: an
// EXPUNGE where numbers may not change, EXISTS of what there is not, flags that are others, or were never told, a UID
// given twice, a COPYUID that names other messages.
//
// A seed decides everything. What fails is shrunk to a run in which no command can be left out, and printed with its
// seed:
//
//     MAILPOD_MODEL_SEED=17 test_model        that run again
//     MAILPOD_MODEL_STEPS=10000000 test_model  longer
//
// That it finds what is wrong is tested with servers that are broken on purpose, by what they say: EXPUNGE while FETCH
// is answered; a COPYUID of copies that are not there; flags, and messages that went, not told; a message that is
// another; mod-sequences that do not rise, or pass what was not told; a resynchronization that keeps quiet; a number
// where UIDs were wanted; a count of ESEARCH that is wrong.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include "actors.hpp"

namespace mailpod::model {
namespace {

constexpr std::uint64_t steps_a_run = 500;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Outcome {
  std::string failure;  ///< empty: none
  std::string transcript;
  std::size_t steps = 0;  ///< that were made until then
};

/// The steps with these numbers, each with dice of its own, so that leaving one out changes no other's.
Outcome play(std::uint64_t seed, const std::vector<std::uint64_t>& steps, const Actors::Spoil& spoil = {}) {
  Outcome outcome;
  std::unique_ptr<Actors> actors;
  try {
    actors = std::make_unique<Actors>(3 + seed % 2, spoil);
    for (const auto step : steps) {
      ++outcome.steps;
      actors->step(simulation::Dice(simulation::Dice(seed).roll() + step * 0x9e3779b97f4a7c15));
    }
    actors->audit();
  } catch (const std::exception& failure) {
    outcome.failure = failure.what();
  }
  if (actors) outcome.transcript = actors->transcript();
  return outcome;
}

/// Leaves out what can be left out, in pieces of half as many steps each time.
Outcome shrink(std::uint64_t seed, std::vector<std::uint64_t> steps, Outcome failed) {
  steps.resize(failed.steps);
  for (auto piece = std::max<std::size_t>(1, steps.size() / 2);; piece /= 2) {
    for (std::size_t at = 0; at < steps.size();) {
      auto fewer = steps;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, fewer.size() - at)));
      auto outcome = play(seed, fewer);
      if (outcome.failure.empty()) {
        at += piece;
      } else {
        fewer.resize(outcome.steps);
        steps = std::move(fewer);
        failed = std::move(outcome);
      }
    }
    if (piece <= 1) return failed;
  }
}

std::vector<std::uint64_t> all_steps() {
  std::vector<std::uint64_t> steps(steps_a_run);
  std::iota(steps.begin(), steps.end(), 0);
  return steps;
}

/// What the model says of a server that is broken like that; empty: nothing, in ten runs.
std::string found_in(const Actors::Spoil& spoil) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto outcome = play(seed, all_steps(), spoil);
    if (!outcome.failure.empty()) return outcome.failure;
  }
  return {};
}

bool is_command(const std::string& sent, std::string_view name) {
  return std::string_view(sent).substr(sent.find(' ') + 1).starts_with(name);
}

/// Of what NOOP or CHECK are answered, without the lines that end like that.
Actors::Spoil never_telling(std::string_view end) {
  return [end](const std::string& sent, std::string octets) {
    if (!is_command(sent, "NOOP") && !is_command(sent, "CHECK")) return octets;
    std::string left;
    for (std::size_t at = 0; at < octets.size();) {
      const auto next = octets.find("\r\n", at) + 2;
      const auto line = octets.substr(at, next - at);
      if (!line.ends_with(end)) left += line;
      at = next;
    }
    return left;
  };
}

TEST(Model, NoticesAnExpungeWhileAFetchIsAnswered) {
  const auto spoil = [](const std::string& sent, std::string octets) {
    const bool answers = is_command(sent, "FETCH") && octets.find("* 1 FETCH") != std::string::npos;
    return answers ? "* 1 EXPUNGE\r\n" + octets : octets;
  };
  EXPECT_EQ(found_in(spoil), "EXPUNGE where no message number may change");
}

TEST(Model, NoticesACopyUidOfCopiesThatAreNotThere) {
  const auto spoil = [](const std::string&, std::string octets) {
    const auto code = octets.find("[COPYUID ");
    if (code != std::string::npos) octets.insert(octets.find(']', code), "0");
    return octets;
  };
  EXPECT_NE(found_in(spoil), "");
}

TEST(Model, NoticesFlagsThatAreNotTold) {
  const auto found = found_in(never_telling("))\r\n"));
  EXPECT_NE(found.find("and the client was not told"), std::string::npos) << found;
}

TEST(Model, NoticesMessagesThatWentAndAreNotTold) {
  const auto found = found_in(never_telling(" EXPUNGE\r\n"));
  EXPECT_NE(found.find("counts other messages than there are"), std::string::npos) << found;
}

TEST(Model, NoticesAMessageThatIsAnother) {
  const auto spoil = [](const std::string&, std::string octets) {
    const auto word = octets.find("\r\n\r\nword");
    if (word != std::string::npos) octets[word + 4] = 'W';
    return octets;
  };
  EXPECT_NE(found_in(spoil), "");
}

/// All that is said, with one word for another.
Actors::Spoil saying(std::string_view instead, std::string_view of) {
  return [instead, of](const std::string&, std::string octets) {
    for (auto at = octets.find(of); at != std::string::npos; at = octets.find(of, at + instead.size())) {
      octets.replace(at, of.size(), instead);
    }
    return octets;
  };
}

TEST(Model, NoticesAModSequenceThatDoesNotRise) {
  const auto spoil = [](const std::string& sent, std::string octets) {
    if (sent.find("STORE ") == std::string::npos) return octets;
    for (auto at = octets.find("MODSEQ ("); at != std::string::npos; at = octets.find("MODSEQ (", at + 1)) {
      octets.replace(at, octets.find(')', at) - at, "MODSEQ (1");
    }
    return octets;
  };
  const auto found = found_in(spoil);
  EXPECT_NE(found.find("mod-sequence"), std::string::npos) << found;
}

TEST(Model, NoticesAModSequenceThatIsNotTold) {
  const auto spoil = [](const std::string& sent, std::string octets) {
    return is_command(sent, "NOOP") ? saying("X-MODSEQ", "MODSEQ")(sent, std::move(octets)) : octets;
  };
  EXPECT_NE(found_in(spoil), "");
}

TEST(Model, NoticesAnExpungeForWhoEnabledVanished) {
  const auto spoil = [](const std::string&, std::string octets) {
    const auto at = octets.find("* VANISHED ");
    if (at == std::string::npos || octets[at + 11] == '(') return octets;
    return octets.replace(at, octets.find("\r\n", at) - at, "* 1 EXPUNGE");
  };
  EXPECT_EQ(found_in(spoil), "EXPUNGE for who enabled VANISHED");
}

TEST(Model, NoticesThatAResynchronizationKeepsQuiet) {
  const auto without = [](const std::string& sent, std::string octets, std::string_view line_begin) {
    if (sent.find("(QRESYNC ") == std::string::npos) return octets;
    const auto at = octets.find(line_begin);
    if (at != std::string::npos) octets.erase(at, octets.find("\r\n", at) + 2 - at);
    return octets;
  };
  const auto vanished = found_in([&](const std::string& sent, std::string octets) {
    return without(sent, std::move(octets), "* VANISHED (EARLIER)");
  });
  EXPECT_NE(vanished.find("QRESYNC did not tell that"), std::string::npos) << vanished;
}

TEST(Model, NoticesAHighestModSequenceThatPassesWhatWasNotTold) {
  const auto found = found_in(saying("HIGHESTMODSEQ 9", "HIGHESTMODSEQ "));
  EXPECT_NE(found, "");
}

TEST(Model, NoticesAStoreThatIsNotConditional) {
  const auto found = found_in(saying("[X-MODIFIED ", "[MODIFIED "));
  EXPECT_NE(found, "");
}

TEST(Model, NoticesAMessageNumberForWhoWantsUids) {
  const auto spoil = [](const std::string&, std::string octets) {
    const auto at = octets.find("* UIDFETCH ");
    if (at == std::string::npos) return octets;
    const auto uid_begin = at + 11;
    const auto uid_end = octets.find(' ', uid_begin);
    return octets.replace(at, uid_end - at, "* " + octets.substr(uid_begin, uid_end - uid_begin) + " FETCH");
  };
  EXPECT_EQ(found_in(spoil), "FETCH for who enabled UIDFETCH");
}

TEST(Model, NoticesAnEsearchThatCountsOthers) {
  const auto found = found_in(saying(" COUNT 1", " COUNT "));
  EXPECT_NE(found.find("COUNT"), std::string::npos) << found;
}

TEST(Model, EveryReplyOfRandomSessionsIsWhatTheRfcSays) {
  const auto only = from_environment("MAILPOD_MODEL_SEED", 0);
  const auto runs = only != 0 ? 1 : from_environment("MAILPOD_MODEL_STEPS", 100'000) / steps_a_run;
  const auto first = only != 0 ? only : from_environment("MAILPOD_MODEL_FIRST_SEED", 1);
  const auto steps = all_steps();
  for (auto seed = first; seed < first + runs; ++seed) {
    auto outcome = play(seed, steps);
    if (outcome.failure.empty()) continue;
    outcome = shrink(seed, steps, std::move(outcome));
    FAIL() << "seed " << seed << ": " << outcome.failure << "\n--- " << outcome.steps << " steps\n"
           << outcome.transcript;
  }
  std::cout << runs * steps_a_run << " steps, every reply as it must be\n";
}

}  // namespace
}  // namespace mailpod::model
