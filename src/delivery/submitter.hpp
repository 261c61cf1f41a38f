#pragma once

#include <memory>
#include <string>

#include <mailpod/members/directory.hpp>
#include <mailpod/smtp/mailroom.hpp>

namespace mailpod::delivery {

/// A member who sends: whose message it is, and what they may call themselves. One moment's view; any thread.
struct Submitter {
  MemberId member;
  std::shared_ptr<const members::DirectoryState> directory;
  std::string separator;  ///< of sub-addresses

  /// Whether mail for `mailbox` would reach them: one of their addresses, or a sub-address of one. Not what reaches
  /// them by an office they hold, and not what nobody else has.
  bool owns(const smtp::Mailbox& mailbox) const;
};

}  // namespace mailpod::delivery
