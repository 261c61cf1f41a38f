#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::pop3 {

/// INBOX as it was at the login: the maildrop of RFC 1939 §4. Message numbers mean the same to the session's end,
/// whatever other sessions do; what DELE names is only marked here, and removed by QUIT.
///
/// Messages that an IMAP client flagged \Deleted and has not expunged are messages like others.
class Maildrop {
public:
  explicit Maildrop(std::shared_ptr<const store::MailboxState> inbox)
      : inbox_(std::move(inbox)), marks_(inbox_->count, Mark::none) {}

  store::MailboxId mailbox() const { return inbox_->id; }
  /// Messages that are not marked, and their octets.
  std::uint32_t count() const { return inbox_->count - static_cast<std::uint32_t>(marked_); }
  std::uint64_t octets() const { return inbox_->octets - marked_octets_; }

  /// nullptr if there is none of that number, or it is marked.
  const store::MessageState* find(std::uint64_t number) const;
  /// Of one that find() finds.
  void mark(std::uint64_t number);
  void unmark_all();
  /// Ascending.
  std::vector<store::Uid> marked() const;

  /// At most 32 characters. The same in every session for as long as the message is in INBOX, and never another's: UIDs
  /// are not given twice under one UIDVALIDITY (RFC 3501 §2.3.1.1). RFC 1939 §7, UIDL.
  std::string unique_id(const store::MessageState& message) const;

  /// The messages that are not marked, in the order of their numbers.
  class Walk {
  public:
    explicit Walk(const Maildrop& maildrop) : maildrop_(maildrop) {}
    /// nullptr after the last.
    const store::MessageState* next();
    /// Of what next() returned.
    std::uint32_t number() const { return number_; }

  private:
    const Maildrop& maildrop_;
    std::size_t chunk_ = 0;
    std::size_t index_ = 0;
    std::uint32_t number_ = 0;
  };

private:
  enum class Mark : char { none, deleted };

  std::shared_ptr<const store::MailboxState> inbox_;
  std::vector<Mark> marks_;
  std::size_t marked_ = 0;
  std::uint64_t marked_octets_ = 0;
};

}  // namespace mailpod::pop3
