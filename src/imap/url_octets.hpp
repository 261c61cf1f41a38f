#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/store/vault.hpp>

#include "message_url.hpp"

namespace mailpod::imap {

/// The octets that a URL names, read from the front. Pool.
class UrlOctets {
public:
  UrlOctets(std::unique_ptr<store::StoredMessage> message, message::Range range);
  /// Header fields that were picked out.
  explicit UrlOctets(std::string octets);

  std::uint64_t size() const { return range_.size(); }
  /// The next octets, at most `most`; empty at the end. Throws what the message throws.
  std::string next(std::size_t most);
  /// Of what was read so far.
  bool has_nul() const { return has_nul_; }

private:
  std::unique_ptr<store::StoredMessage> message_;  ///< nullptr: they are in octets_
  std::string octets_;
  message::Range range_;
  std::uint64_t at_ = 0;
  bool has_nul_ = false;
};

/// Of a message in this vault, and no other: what `state` lists. Pool. Errors: gone, if the URL names nothing; what the
/// vault answers.
Result<UrlOctets> open_url(store::Vault& vault, const store::VaultState& state, const MessageUrl& url,
                           std::string_view selected);

}  // namespace mailpod::imap
