#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// The text of one part as UTF-8, piece by piece, for search.
///
/// Feed it the octets of the part's body in any chunks; it removes the transfer encoding (RFC 2045 §6), converts from
/// the charset and gives what is complete so far. Malformed input never fails: what cannot be decoded is left out or
/// becomes U+FFFD. An unknown charset is read as UTF-8. Memory does not grow with the input. Not shared between
/// threads.
class DecodedText {
public:
  /// `transfer_encoding` and `charset` as they stand in the part, in any case; empty means 7bit and us-ascii.
  DecodedText(std::string_view transfer_encoding, std::string_view charset);
  ~DecodedText();
  DecodedText(DecodedText&&) noexcept;
  DecodedText& operator=(DecodedText&&) noexcept;

  /// UTF-8 that these octets completed; never ends within a character.
  std::string feed(std::string_view octets);
  /// What was still held back.
  std::string finish();

private:
  class State;
  std::unique_ptr<State> state_;
};

/// For the charset and transfer encoding that `part` declares.
DecodedText decoded_text_for(const Part& part);

/// Removes a transfer encoding only, piece by piece: the octets of an attachment, for BINARY (RFC 3516) and JMAP.
class DecodedOctets {
public:
  explicit DecodedOctets(std::string_view transfer_encoding);
  ~DecodedOctets();
  DecodedOctets(DecodedOctets&&) noexcept;
  DecodedOctets& operator=(DecodedOctets&&) noexcept;

  std::string feed(std::string_view octets);
  std::string finish();

  /// 7bit, 8bit, binary, quoted-printable or base64; RFC 3516 answers UNKNOWN-CTE for others.
  static bool knows(std::string_view transfer_encoding);

private:
  class State;
  std::unique_ptr<State> state_;
};

/// Calls `visit` for every part of type text below and including `root`, in order, messages within messages included.
void for_each_text(const Part& root, const std::function<void(const Part&)>& visit);

}  // namespace mailpod::message
