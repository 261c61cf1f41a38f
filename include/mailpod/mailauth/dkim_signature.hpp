#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/mailauth/arc.hpp>
#include <mailpod/mailauth/dkim_key.hpp>

namespace mailpod::mailauth {

/// How long a signature holds (`x=`). A relay that cannot deliver may keep a message for five days (RFC 5321 §4.5.4.1),
/// and what is replayed later than that is refused.
inline constexpr std::chrono::days signature_validity{7};

/// Who signs, and with what.
struct Signatory {
  std::string domain;    ///< `d=`
  std::string selector;  ///< `s=`
  const DkimKey& key;    ///< borrowed
};

/// A message that is to be signed: its header in memory, its body where it is. docs/dkim.md says what is signed.
class SignableMessage {
public:
  static constexpr std::size_t longest_header = 1024 * 1024;  ///< octets

  /// Reads the header; `message` is borrowed, and read again for the body. Throws what the source throws.
  /// Errors: header_too_long.
  static Result<SignableMessage> read(const base::OctetSource& message, std::size_t limit = longest_header);

  /// The domain of the message's author, lower case: the one whose signature says something about From. Nothing unless
  /// there is exactly one author.
  std::optional<std::string> author_domain() const;

  /// DKIM-Signature fields, one a signatory and each with its CRLF, to stand in front of the message. One pass over the
  /// body. RFC 6376 §5.
  std::string signatures(const std::vector<Signatory>& signatories, base::Time now) const;

  /// One more set of ARC's fields, each with its CRLF, to stand in front of the message: what its
  /// Authentication-Results fields by the sealer's authserv-id say, signed, and the chain so far sealed. RFC 8617 §5.1.
  /// Empty where nothing may be added: a chain that is broken already, or of which those fields say nothing; fifty
  /// sets; no such fields.
  std::string arc_set(const ArcSealer& sealer, base::Time now) const;

private:
  SignableMessage(const base::OctetSource& message, std::string header)
      : message_(&message), header_(std::move(header)) {}

  const base::OctetSource* message_;
  std::string header_;  ///< with its blank line
};

}  // namespace mailpod::mailauth
