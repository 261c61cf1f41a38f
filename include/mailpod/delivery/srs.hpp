#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::delivery {

/// The Sender Rewriting Scheme: reverse paths of mail that is forwarded, so that they are ours (SPF asks
/// for that) and what comes back to them finds the author again, by nobody's memory.
///
///     smith@client.example                   →  SRS0=hhhhhh=tt=client.example=smith@pod.lab
///     SRS0=<rest>@other.example              →  SRS1=hhhhhh=other.example==<rest>@pod.lab
///     SRS1=<hash>=first.example=<rest>@…     →  SRS1=hhhhhh=first.example=<rest>@pod.lab
///
/// `hhhhhh` are 30 bits of an HMAC-SHA-256 over the rest in lower case, `tt` the day; both in base 32, in any case. Any
/// thread.
class Srs {
public:
  static constexpr unsigned valid_days = 21;  ///< longer than anybody keeps mail before it comes back

  explicit Srs(crypto::Key key) : key_(std::move(key)) {}

  /// The path at `domain` under which mail of `reverse_path` goes on. Nothing if it cannot be said in the 64 octets of
  /// a local part (RFC 5321 §4.5.3.1.1), or is no dot-string at a host name.
  std::optional<std::string> rewrite(std::string_view reverse_path, std::string_view domain, base::Time now) const;

  /// Whether a local part claims to be one of ours.
  static bool is_rewritten(std::string_view local_part);
  /// Whom mail to it goes back to. Nothing if it is forged, altered, malformed or too old.
  std::optional<std::string> restore(std::string_view local_part, base::Time now) const;

private:
  std::string hash(std::string_view kind, std::string_view rest) const;
  crypto::Key key_;
};

}  // namespace mailpod::delivery
