#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "scram_secret.hpp"
#include "simulation/entropy.hpp"

/// What an SMTP server talks to where no pod is wanted: a mailroom and credentials that follow a short script.
namespace mailpod::conversations {

/// Takes mail for alice@pod.lab and bob@pod.lab, and remembers it.
class ScriptedRoom final : public smtp::Mailroom {
public:
  struct Message {
    std::string address, helo;  ///< of who sent it
    smtp::Mailbox reverse_path;
    std::vector<smtp::Addressee> recipients;
    smtp::MailParameters parameters;
    std::string octets;
  };
  /// How accepting a message ends.
  enum class Storage { works, full, broken };

  std::vector<Message> taken;
  std::size_t letters_begun = 0;
  Storage storage = Storage::works;

  boost::asio::awaitable<Status> consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                 const smtp::MailParameters&) override {
    if (peer.login && peer.login->vault_key) throw std::logic_error("a session kept the key of its member's vault");
    const bool own = reverse_path.empty() || reverse_path == smtp::Mailbox{"alice", "pod.lab"};
    if (peer.role == smtp::Role::submission && !own) co_return smtp::Errc::sender_not_yours;
    co_return Status{};
  }

  boost::asio::awaitable<Status> consider_recipient(const smtp::Peer& peer, const smtp::Mailbox&,
                                                    const smtp::Mailbox& forward_path) override {
    const bool bare = forward_path.domain.empty();
    if (!bare && forward_path.domain != "pod.lab") {
      co_return peer.role == smtp::Role::submission ? smtp::Errc::remote_not_served : smtp::Errc::not_local;
    }
    const std::string& who = forward_path.local_part;
    if (who == "carol") co_return smtp::Errc::mailbox_suspended;
    if (who == "dave") co_return smtp::Errc::mailbox_full;
    if (who == "abuse") co_return smtp::Errc::mailbox_unavailable;
    if (who == "erin") throw std::system_error(EIO, std::generic_category(), "the scripted disk");
    if (who != "alice" && who != "bob" && who != "postmaster") co_return smtp::Errc::no_such_mailbox;
    co_return Status{};
  }

  boost::asio::awaitable<Result<std::unique_ptr<smtp::Letter>>> begin(const smtp::Peer& peer,
                                                                      const smtp::Mailbox& reverse_path,
                                                                      const std::vector<smtp::Addressee>& recipients,
                                                                      const smtp::MailParameters& parameters) override {
    ++letters_begun;
    std::unique_ptr<smtp::Letter> letter = std::make_unique<ScriptedLetter>(
        *this, Message{peer.address, peer.helo, reverse_path, recipients, parameters, {}});
    co_return std::move(letter);
  }

private:
  class ScriptedLetter final : public smtp::Letter {
  public:
    ScriptedLetter(ScriptedRoom& room, Message message) : room_(room), message_(std::move(message)) {}
    boost::asio::awaitable<Status> write(std::string_view octets) override {
      message_.octets += octets;
      co_return Status{};
    }
    boost::asio::awaitable<Result<std::string>> accept() override {
      if (room_.storage == Storage::full) throw std::system_error(ENOSPC, std::generic_category(), "the scripted disk");
      if (room_.storage == Storage::broken) throw std::system_error(EIO, std::generic_category(), "the scripted disk");
      if (message_.octets.find("From: mallory") != std::string::npos) co_return smtp::Errc::sender_not_yours;
      room_.taken.push_back(std::move(message_));
      co_return "taken as " + std::to_string(room_.taken.size());
    }

  private:
    ScriptedRoom& room_;
    Message message_;
  };
};

/// Holds until it is revoked, and tells who watches.
class ScriptedStanding final : public sasl::Standing {
public:
  bool holds() const override { return !revoked_; }
  std::shared_ptr<void> watch(std::function<void()> doubted) const override {
    watcher_ = std::make_shared<std::function<void()>>(std::move(doubted));
    return watcher_;
  }
  void revoke() {
    revoked_ = true;
    if (watcher_) (*watcher_)();
  }

private:
  bool revoked_ = false;
  mutable std::shared_ptr<std::function<void()>> watcher_;
};

/// alice's password is "secret". The name "busy" finds the checks busy, "broken" finds the disk broken.
class ScriptedCredentials final : public sasl::Credentials {
public:
  std::size_t checks = 0;
  std::shared_ptr<ScriptedStanding> standing = std::make_shared<ScriptedStanding>();

  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    ++checks;
    if (claim.authentication_id == "busy") co_return sasl::make_error_code(sasl::Errc::busy);
    if (claim.authentication_id == "broken") throw std::system_error(EIO, std::generic_category(), "the scripted disk");
    const bool known = claim.authentication_id == "alice" || claim.authentication_id == "alice@pod.lab";
    if (!known || claim.password != "secret") co_return sasl::make_error_code(sasl::Errc::refused);
    co_return login();
  }

  bool knows_scram = false;  ///< then RFC 7677's user can log in as alice
  bool offers_scram() const override { return knows_scram; }
  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view authentication_id) override {
    if (authentication_id == "busy") co_return sasl::make_error_code(sasl::Errc::busy);
    if (authentication_id == "broken") throw std::system_error(EIO, std::generic_category(), "the scripted disk");
    co_return ScramSecret::challenge(authentication_id);
  }
  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override {
    ++checks;
    co_return scram_.check(claim, login());
  }

private:
  sasl::Login login() const {
    sasl::Login login;
    login.member.bytes[0] = 0xa1;
    login.scopes = static_cast<sasl::Scopes>(sasl::Scope::send);
    login.vault_key = vault_key_;
    login.standing = standing;
    return login;
  }

  ScramSecret scram_;
  simulation::Entropy entropy_;
  crypto::KeyArena arena_;
  std::shared_ptr<const crypto::VaultKey> vault_key_ =
      std::make_shared<const crypto::VaultKey>(crypto::Key::random(arena_, entropy_));
};

}  // namespace mailpod::conversations
