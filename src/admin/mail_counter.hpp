#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include <mailpod/crypto/spool.hpp>

#include "vault_errand.hpp"

namespace mailpod::admin {

/// Where the mail of an open vault is handed out and taken in, by questions and answers of at most a MiB each: for
/// `mailpod export` and `import`. One errand's thread.
///
/// Every question is an object with `what`:
///   mailboxes                               what there is
///   messages mailbox after                  listed in the order of their UIDs, some thousand at a time
///   read     mailbox uids offset            octets of these; of the first from `offset` on, of others whole ones
///   make     name use subscribed            the mailbox of this name or special use, new if need be
///   have     mailbox messages               which of [hash, size, date] are there
///   spool    octets fresh                   a piece of a message that is too large for one question
///   add      mailbox messages               by the one order of APPEND, as one group
/// A question of another shape is a fault of the program that asks, and ends the errand.
class MailCounter {
public:
  MailCounter(const VaultErrand& errand, const VaultDoor::Room& room);

  json answer(const json& question);

private:
  /// The messages of one mailbox: by date and size, until a message of these is asked for; then by what they are. So
  /// few ADDs are read, and each once, however many messages have one date.
  struct Known {
    using HashAndDate = base::ByteArray<36>;
    struct Hash {
      std::size_t operator()(const HashAndDate& key) const noexcept {
        return std::hash<std::string_view>{}(base::octets(key));
      }
    };
    store::MailboxId mailbox;
    std::unordered_multimap<std::uint64_t, store::Uid> unread;
    std::unordered_map<HashAndDate, store::Uid, Hash> read;
  };

  std::shared_ptr<const store::MailboxState> mailbox(const json& question) const;
  json mailboxes() const;
  json messages(const json& question) const;
  json read(const json& question) const;
  json read_one(const store::MessageState& message, std::uint64_t offset, std::size_t room) const;

  json make(const json& question);
  json have(const json& question);
  bool has(const store::MailboxState& mailbox, const json& message);
  void learn(const store::MailboxState& mailbox);
  json spool(const json& question);
  json add(const json& question);

  const VaultErrand& errand_;
  const VaultDoor::Room& room_;
  std::optional<Known> known_;
  crypto::SpoolBudget budget_;
  std::unique_ptr<crypto::Spool> spool_;
};

/// Flags as IMAP spells them.
json flag_words(const store::MessageState& message, const store::MailboxState& mailbox);
/// The same as a change that sets them. Words that can be no flag are left out; so are keywords beyond what `keywords`,
/// the mailbox's and new ones so far, has room for. Both are added to `left_out`.
store::FlagChange flags_of_words(const json& words, std::vector<std::string>& keywords, json& left_out);

std::string_view name_of(store::SpecialUse use);
store::SpecialUse special_use_of(std::string_view name);

}  // namespace mailpod::admin
