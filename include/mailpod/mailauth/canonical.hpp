#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/crypto/digest.hpp>

/// The form of a message over which DKIM and ARC sign: what its way through the mail may change is levelled out before
/// it is hashed. RFC 6376 §3.4. Lines end in CRLF; a CR or LF alone is an octet like any other.
namespace mailpod::mailauth {

enum class Canonicalization {
  simple,   ///< nothing may change but empty lines at the body's end
  relaxed,  ///< white space may, and how the header is folded
};

/// One header field as it is hashed, CRLF at its end. `field` is the whole of it: name, colon, value and line ends.
std::string canonical_field(Canonicalization how, std::string_view field);

/// Levels a body piece by piece. However it is cut, the result is the same; memory stays bounded whatever it holds.
class CanonicalBody {
public:
  /// Gets the canonical octets in order. They are borrowed.
  using Sink = std::function<void(std::string_view)>;
  CanonicalBody(Canonicalization how, Sink sink);

  void update(std::string_view piece);
  /// Says that there is no more.
  void finish();

private:
  void put(std::string_view octets);
  void end_line();
  void hand_over();

  Canonicalization how_;
  Sink sink_;
  std::string out_;              ///< not handed over yet
  std::uint64_t line_ends_ = 0;  ///< that count only if something follows
  bool space_ = false;           ///< white space that counts only if something follows on its line
  bool carriage_return_ = false;
  bool has_content_ = false;
};

/// SHA-256 of the canonical body, which begins at octet `begin` of the message. Throws what the source throws, and EIO
/// where it gives fewer octets than it said.
crypto::Digest hash_body(const base::OctetSource& message, std::uint64_t begin, Canonicalization how);

}  // namespace mailpod::mailauth
