#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/crypto/sign.hpp>
#include <mailpod/crypto/spool.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/vaults.hpp>

#include "scram_secret.hpp"
#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::conversations {

/// One member, alice, with a real vault on a simulated disk: what IMAP sessions in tests talk about. One thread.
class ImapWorld final : public sasl::Credentials {
public:
  static constexpr std::string_view name = "alice";
  static constexpr std::string_view password = "correct horse";

  ImapWorld()
      : key_(std::make_shared<const crypto::VaultKey>(crypto::Key::random(arena, entropy))),
        member_{entropy.bytes<16>()},
        signing_(crypto::SigningKey::random(arena, entropy)) {
    disk.make_directory("members");
    disk.make_directory("spool");
    folder_ = "members/" + member_.str();
    disk.make_directory(folder_);
    store::make_member_folder(disk, folder_);
    store::create_vault(ports(), folder_, member_, *key_, nullptr, 1);
    store::Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = signing_.public_key();
    settings.quota_of = [this](MemberId) { return quota; };
    vaults = store::make_vaults(ports(), pool, settings);
  }

  /// Every session must have ended.
  ~ImapWorld() override {
    open_.reset();
    boost::asio::co_spawn(loop, vaults->close_all(), boost::asio::detached);
    loop.restart();
    loop.run();
  }

  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    ++checks;
    if (busy) co_return sasl::Errc::busy;
    if (claim.authentication_id != name || claim.password != password) co_return sasl::Errc::refused;
    co_return login();
  }

  bool offers_scram() const override { return knows_scram; }
  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view authentication_id) override {
    if (busy) co_return sasl::Errc::busy;
    co_return ScramSecret::challenge(authentication_id);
  }
  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override {
    ++checks;
    co_return scram_.check(claim, login());
  }

  sasl::Login login() const {
    sasl::Login login;
    login.member = member_;
    login.scopes = static_cast<sasl::Scopes>(sasl::Scope::imap);
    login.vault_key = key_;
    login.alert = alert;
    return login;
  }

  /// The vault as another device of alice's sees it; kept open until the world ends.
  store::Vault& vault() {
    if (!open_) {
      boost::asio::co_spawn(loop, open_now(*this), boost::asio::detached);
      settle();
      if (!open_) throw std::runtime_error("the vault could not be opened");
    }
    return open_->vault();
  }

  /// The same with its lane, once vault() was asked for.
  store::OpenVault& open_vault() { return *open_; }

  /// Appends to a mailbox, which is made if need be.
  void add_message(std::string_view mailbox, std::string_view octets) {
    store::Vault::Append about;
    about.internal_date = clock.now();
    auto prepared = vault().prepare(base::MemorySource(octets), about);
    std::vector<std::unique_ptr<store::PreparedMessage>> messages;
    messages.push_back(std::move(prepared.value()));
    const auto id = mailbox_id(mailbox);
    vault().append(id, std::move(messages)).value();
    settle();
  }

  /// What is there is in the search index now.
  void index() {
    while (vault().index_more(std::chrono::hours(1))) {
    }
  }

  store::MailboxId mailbox_id(std::string_view mailbox) {
    if (const auto found = vault().state()->find(mailbox)) return found->id;
    return vault().create_mailbox(mailbox, store::SpecialUse::none).value();
  }

  void settle() {
    loop.restart();
    while (loop.poll() > 0) {
    }
  }

  MemberId member() const { return member_; }
  store::Vault::Ports ports() { return {disk, clock, entropy, base::silent_log(), arena}; }
  crypto::SpoolPlace spool() { return {disk, "spool", entropy, arena, budget_}; }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  net::Pool pool{net::Pool::Inline{}};
  boost::asio::io_context loop;  // what runs on it needs all of the above
  std::unique_ptr<store::Vaults> vaults;
  unsigned checks = 0;
  bool busy = false;
  bool knows_scram = false;  ///< then alice's vault also opens to RFC 7677's user
  std::string alert;         ///< of the next logins
  store::Quota quota;

private:
  static boost::asio::awaitable<void> open_now(ImapWorld& self) {
    auto opening = self.vaults->open(self.login());
    auto opened = co_await std::move(opening);
    if (opened.has_value()) self.open_ = std::move(*opened);
  }

  ScramSecret scram_;
  std::shared_ptr<const crypto::VaultKey> key_;
  MemberId member_;
  crypto::SigningKey signing_;
  crypto::SpoolBudget budget_{64 * 1024 * 1024};
  std::string folder_;
  std::shared_ptr<store::OpenVault> open_;
};

}  // namespace mailpod::conversations
