#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reply.hpp"

namespace mailpod::model {

using Uid = std::uint32_t;
using ModSeq = std::uint64_t;
using Flags = std::set<std::string>;

struct Message {
  std::string octets;
  std::string date;  ///< INTERNALDATE as IMAP writes it
  Flags flags;
  int day = 0;             ///< of that month, for SEARCH
  std::set<Flags> were{};  ///< flags that it had before
  unsigned version = 0;    ///< changes so far

  /// What can be known of its mod-sequence, RFC 7162 §3.1: as somebody was told since it changed last, or how low it
  /// cannot be.
  std::optional<ModSeq> mod_seq{};
  ModSeq at_least = 0;

  bool changed_after(ModSeq since) const { return std::max(at_least, mod_seq.value_or(0)) > since; }
  bool unchanged_since(ModSeq since) const { return mod_seq && *mod_seq <= since; }
};

/// One mailbox, from CREATE to DELETE, whatever its name is meanwhile.
struct Mailbox {
  std::uint32_t uid_validity = 0;  ///< as told; 0: not yet
  Uid next = 1;                    ///< no UID below it may be given any more
  std::map<Uid, Message> messages;
  std::map<Uid, Message> gone;  ///< as they were last: sessions may not have been told
  bool deleted = false;
  ModSeq told = 0;                     ///< no mod-sequence that anybody was told here is higher
  std::map<Uid, ModSeq> gone_after{};  ///< what was told when it went: its going has a higher one

  /// There, or gone; Failure if there never was one.
  const Message& at(Uid uid) const;
  void expunge(Uid uid);
  /// Somebody stores these flags, which may be what it has.
  void change(Uid uid, Flags flags);
  /// Somebody was told its mod-sequence.
  void learn(Uid uid, ModSeq mod_seq);
  /// The server gives a message this UID. RFC 3501 §2.3.1.1.
  void add(Uid uid, Message message);
  /// UIDNEXT was told.
  void promise(Uid uid_next);
};

/// What the vault holds, by RFC 3501 and the answers that the server gave: written without the server.
class Truth {
public:
  std::shared_ptr<Mailbox> find(const std::string& name) const;
  std::vector<std::string> names() const;
  void create(const std::string& name) { mailboxes_[name] = std::make_shared<Mailbox>(); }
  void remove(const std::string& name);
  void rename(const std::string& from, const std::string& to);
  /// A name, a UIDVALIDITY and a UID mean one message for ever. RFC 3501 §2.3.1.1.
  void see_validity(const std::string& name, const std::shared_ptr<Mailbox>& mailbox, std::uint32_t uid_validity);

private:
  std::map<std::string, std::shared_ptr<Mailbox>> mailboxes_;
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<Mailbox>> known_;
};

}  // namespace mailpod::model
