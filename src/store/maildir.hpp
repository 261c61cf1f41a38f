#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// The names below a member's folder. docs/storage-format.md, "pod folder".
///
/// A file in new/ or cur/ is named by its message id. A file in tmp/ adds when it was begun, so that an unfinished one
/// can be told from one under way, and a mark if it is the pod's and an intent may speak for it:
///
///     <32 hex digits>.<seconds since 1970>            an APPEND
///     <32 hex digits>.<seconds since 1970>.delivery   an arrival
///     <32 hex digits>.intent                          makes an arrival happen in the vaults of several members
class Maildir {
public:
  explicit Maildir(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string tmp() const { return folder_ + "/Maildir/tmp"; }
  std::string fresh() const { return folder_ + "/Maildir/new"; }
  std::string cur() const { return folder_ + "/Maildir/cur"; }
  std::string log() const { return folder_ + "/log"; }
  std::string quarantine() const { return folder_ + "/quarantine"; }

  std::string in_new(const MessageId& id) const { return fresh() + "/" + name_for(id); }
  std::string in_cur(const MessageId& id) const { return cur() + "/" + name_for(id); }

  static std::string name_for(const MessageId& id) { return base::hex(base::octets(id)); }
  /// Nothing unless `name` is exactly what name_for() writes.
  static std::optional<MessageId> parse_name(std::string_view name);

private:
  std::string folder_;
};

/// Whose a file in tmp/ is.
struct UnfinishedName {
  MessageId message{};
  base::Time begun;
  bool for_delivery = false;

  std::string str() const;
  static std::optional<UnfinishedName> parse(std::string_view name);
};

}  // namespace mailpod::store
