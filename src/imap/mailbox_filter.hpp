#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"

namespace mailpod::imap {

/// Some of a member's mailboxes, as NOTIFY and ESEARCH name them: each takes most of these kinds. RFC 5465 §6,
/// RFC 7377 §2.2.
struct MailboxFilter {
  enum class Of { selected, selected_delayed, inboxes, personal, subscribed, subtree, subtree_one, mailboxes };
  Of of = Of::personal;
  std::vector<std::string> names;  ///< of the last three, as the store spells them

  bool has_names() const { return of >= Of::subtree; }
};

/// The names of a filter: `SP INBOX`, or `SP (INBOX Lists)`. A wildcard is an octet like others: RFC 5465 §6.6.
std::optional<text::ParseError> parse_names(text::Cursor& in, const Dialect& dialect, MailboxFilter& filter,
                                            std::size_t most);

/// Several filters, each of which means something by its mailboxes: a set of bits. What is meant by one mailbox costs
/// as much for a thousand names as for one, so that ten thousand mailboxes may be looked at in one go. Not of the
/// selected mailbox: which that is is another question.
class MailboxFilters {
public:
  void add(const MailboxFilter& filter, unsigned meaning);
  /// Somebody must know which those are.
  bool names_inboxes() const { return inboxes_ != 0; }

  /// What all filters that cover the mailbox mean, of which there may be the name alone (nullptr). `inboxes` is what
  /// store::delivery_places() says.
  unsigned meaning_of(std::string_view name, const store::MailboxState* mailbox,
                      std::span<const store::MailboxId> inboxes) const;

private:
  struct Named {
    unsigned itself = 0;
    unsigned one_below = 0;
    unsigned below = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  unsigned meaning_of_name(std::string_view name) const;

  unsigned inboxes_ = 0;
  unsigned personal_ = 0;
  unsigned subscribed_ = 0;
  std::unordered_map<std::string, Named, Hash, std::equal_to<>> names_;
};

}  // namespace mailpod::imap
