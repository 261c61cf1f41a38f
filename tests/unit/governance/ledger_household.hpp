#pragma once

#include <gtest/gtest.h>

#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/ledger_examination.hpp>
#include <mailpod/governance/registry.hpp>

#include "simulation/community.hpp"
#include "simulation/disk.hpp"

namespace mailpod::governance {

/// A pod whose record of acts a ledger follows, as the daemon has it do.
class LedgerHousehold : public testing::Test {
protected:
  LedgerHousehold() : key(crypto::SigningKey::random(community.arena, community.entropy)) {
    community.charter.federation.pod_key = key.public_key();
    disk.make_directory("pod");
    Registry::found(disk, "pod/governance", community.signed_charter()).value();
    disk.sync_directory("pod");
    pin = community.pin();
  }

  struct Books {
    std::unique_ptr<Registry> registry;
    std::unique_ptr<Ledger> ledger;
  };
  Verdict<Books> try_open(base::Disk& on, std::optional<TreeHead> known = std::nullopt,
                          std::optional<Tally> tally = std::nullopt) {
    auto registry = Registry::open({on, "pod/governance", pin, tally});
    if (!registry) return registry.error();
    auto ledger = Ledger::open({on, "pod/governance/ledger", "pod.lab", key, known}, record_of(**registry));
    if (!ledger) return ledger.error();
    (*registry)->follow_with([book = ledger->get()](std::span<const std::string> entries) { book->append(entries); });
    return Books{std::move(*registry), std::move(*ledger)};
  }
  Books open(base::Disk& on) { return try_open(on).value(); }

  std::vector<SignedFile> admissions(std::size_t count) {
    std::vector<SignedFile> out;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(community.newcomer());
      out.push_back(
          community.sign(community.admission(members.back(), {}, std::to_string(members.size()) + "@pod.lab")));
    }
    return out;
  }
  void record(Books& books, std::size_t count) {
    ASSERT_TRUE(books.registry->record(admissions(count), community.clock.now()));
  }
  LedgerReport examine(base::Disk& on, LedgerQuestions questions = {}) {
    questions.charter = pin;
    return examine_ledger(on, "pod/governance", questions);
  }
  /// All that is wrong, a line each.
  std::string faults(base::Disk& on, LedgerQuestions questions = {}) {
    std::string out;
    for (const auto& fault : examine(on, std::move(questions)).faults) out += fault.text() + "\n";
    return out;
  }

  simulation::Disk disk;
  simulation::Community community;
  crypto::SigningKey key;
  Hash pin{};
  std::vector<MemberId> members;
};

}  // namespace mailpod::governance
