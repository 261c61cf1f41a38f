#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/log.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vault.hpp>
#include <mailpod/store/vaults.hpp>

#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::store::test {

/// Remembers its lines.
class Lines final : public base::Log {
public:
  void write(Level, std::string_view line) override { all.emplace_back(line); }
  bool wants(Level) const override { return true; }
  bool mention(std::string_view word) const {
    return std::ranges::any_of(all, [&](const auto& line) { return line.find(word) != std::string::npos; });
  }
  std::vector<std::string> all;
};

/// A pod on a simulated disk, with as many members as asked for; each has a vault and a card.
class Household {
public:
  struct Member {
    MemberId id;
    std::string folder;
    std::shared_ptr<const crypto::VaultKey> key;
    Card card;
  };

  explicit Household(std::size_t count = 1, std::uint64_t seed = 1)
      : disk(std::make_unique<simulation::Disk>(seed)),
        entropy(seed),
        pod_key(crypto::SigningKey::random(arena, entropy)) {
    disk->make_directory("members");
    disk->sync_directory("");
    for (std::size_t i = 0; i < count; ++i) add_member();
  }

  void add_member() {
    Member member;
    member.id.bytes = entropy.bytes<16>();
    member.folder = "members/" + member.id.str();
    member.key = std::make_shared<const crypto::VaultKey>(crypto::Key::random(arena, entropy));
    const auto made = create_vault(ports(), member.folder, member.id, *member.key, nullptr, 1);
    member.card = {member.id, made.drop_key_number, made.drop_recipient, std::nullopt};
    write_card(*disk, member.folder, member.card, pod_key);
    members.push_back(std::move(member));
  }

  Vault::Ports ports() { return {*disk, clock, entropy, log, arena}; }
  Delivery::Ports delivery_ports() { return {*disk, clock, entropy, pod_key}; }

  Result<std::unique_ptr<Vault>> try_open(std::size_t member = 0) {
    const auto& who = members[member];
    return Vault::open(ports(), who.folder, who.id, who.key, pod_key.public_key(), settings);
  }
  std::unique_ptr<Vault> open(std::size_t member = 0) { return try_open(member).value(); }

  /// Delivers to these members, as delivery does.
  std::vector<Arrival> deliver(const std::string& mail, const std::vector<std::size_t>& to = {0},
                               const std::string& target = {}, std::uint32_t flags = 0) {
    const base::MemorySource octets(mail);
    const auto structure = message::scan(mail);
    Delivery delivery(delivery_ports());
    for (const auto index : to) {
      const Draft draft{octets, structure, "sender@example.org", "member@example.com", clock.now(), target, flags, {}};
      delivery.prepare(members[index].folder, members[index].card, draft).value();
    }
    return delivery.commit();
  }

  static void merge_all(Vault& vault) {
    while (vault.merge()) {
    }
  }
  static Uid append(Vault& vault, const std::string& mail, std::string_view mailbox = "INBOX", FlagChange flags = {}) {
    auto prepared = vault.prepare(base::MemorySource(mail), {flags, base::from_seconds(1'700'000'000)}).value();
    std::vector<std::unique_ptr<PreparedMessage>> messages;
    messages.push_back(std::move(prepared));
    return vault.append(vault.state()->find(mailbox)->id, std::move(messages)).value().uids.at(0);
  }
  /// Makes the journal several times as large as what is live in it.
  static void leave_garbage(Vault& vault) {
    for (int i = 0; i < 40; ++i) append(vault, "gone", "Junk");
    vault.expunge(vault.state()->find("Junk")->id, uids(vault, "Junk"), Vault::Expunge::all).value();
  }
  static std::string read(Vault& vault, const MessageState& message) {
    const auto opened = vault.open_message(message).value();
    std::string octets(opened->size(), '\0');
    std::size_t done = 0;
    while (done < octets.size()) done += opened->read_at(done, std::span(octets).subspan(done));
    return octets;
  }
  static std::vector<std::string> read_all(Vault& vault, std::string_view mailbox = "INBOX") {
    std::vector<std::string> mails;
    const auto state = vault.state()->find(mailbox);
    for (std::uint32_t n = 1; state && n <= state->count; ++n) mails.push_back(read(vault, state->at({n})));
    return mails;
  }
  static std::vector<Uid> uids(Vault& vault, std::string_view mailbox = "INBOX") {
    std::vector<Uid> all;
    const auto state = vault.state()->find(mailbox);
    for (std::uint32_t n = 1; n <= state->count; ++n) all.push_back(state->at({n}).uid);
    return all;
  }
  std::vector<std::string> files_below(const std::string& folder) const {
    std::vector<std::string> found;
    for (const auto& path : disk->files()) {
      if (path.find(folder) != std::string::npos) found.push_back(path);
    }
    return found;
  }

  std::unique_ptr<simulation::Disk> disk;
  simulation::Clock clock;
  simulation::Entropy entropy;
  Lines log;
  crypto::KeyArena arena;
  crypto::SigningKey pod_key;
  Vault::Settings settings;
  std::vector<Member> members;
};

inline std::string mail(const std::string& subject, const std::string& body = "Hello.\r\n") {
  return "From: a@example.org\r\nTo: b@example.com\r\nSubject: " + subject + "\r\n\r\n" + body;
}

}  // namespace mailpod::store::test
