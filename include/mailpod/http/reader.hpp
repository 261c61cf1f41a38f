#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/http/error.hpp>
#include <mailpod/http/message.hpp>

namespace mailpod::http {

/// What one message may hold. Octets.
struct MessageLimits {
  std::size_t start_line = 8 * 1024;  ///< RFC 9112 §3 asks for 8000 at least
  std::size_t head = 16 * 1024;       ///< start line and fields together, and the trailer fields once more
  std::size_t fields = 100;
  std::size_t content = 64 * 1024;  ///< what it comes to, whatever it was sent as
};

/// How the content of a message is told from what follows it. RFC 9112 §6.3
struct Framing {
  enum class Kind {
    none,     ///< there is none
    length,   ///< so many octets
    chunked,  ///< chunks, the last of which is empty
  };
  Kind kind = Kind::none;
  std::uint64_t length = 0;
  friend bool operator==(const Framing&, const Framing&) = default;
};

/// Where the head of a message ends that begins `octets`: behind the empty line. Nothing while it has not come.
///
/// A LF without CR before it, and what is too large, are errors as soon as they are seen. `looked_at` octets are known
/// to hold no end, and may be 0; a caller gets by with looking at each octet once.
Result<std::optional<std::size_t>> find_head_end(std::string_view octets, std::size_t looked_at,
                                                 const MessageLimits& limits);

/// A head, from the start line to the empty line, as a request without its content. RFC 9112 §3, RFC 9110 §7.
///
/// There is one way to read it, or none: a field line that is folded, a space before a colon, a CR or LF by itself, a
/// host that is missing, said twice or differently, are malformed.
Result<Request> parse_request_head(std::string_view head, const MessageLimits& limits);
/// The same for a response. RFC 9112 §4
Result<Response> parse_response_head(std::string_view head, const MessageLimits& limits);

/// How long the content of a request is; none unless it says so. Malformed: a length and a coding, two lengths, one
/// that is no number, a coding on HTTP/1.0. Not implemented: codings other than exactly one `chunked`.
Result<Framing> framing_of(const Request& request);
/// The same for the response to `asked`. end_unknown: it says nothing, and something may follow.
Result<Framing> framing_of(const Response& response, Method asked, Version version);
/// The version of a head that parse_response_head() took.
Version version_of_response(std::string_view head);

/// The content of a message as it comes, whatever it is framed by, without I/O.
class ContentReader {
public:
  /// content_too_large: what it says it has is too much already.
  static Result<ContentReader> of(const Framing& framing, const MessageLimits& limits);

  /// Takes what belongs to the message from the beginning of `octets`, and says how many octets those were. Where it
  /// took none and is not done, it must see more at once than it was given: a chunk's line is never longer than 256
  /// octets, trailer fields never than a head.
  Result<std::size_t> take(std::string_view octets);
  bool is_done() const { return state_ == State::done; }
  std::string content() && { return std::move(content_); }

private:
  enum class State { length, chunk_size, chunk, chunk_end, trailer, done };
  explicit ContentReader(const MessageLimits& limits) : limits_(limits) {}
  Result<std::size_t> take_once(std::string_view octets);
  Result<std::size_t> take_data(std::string_view octets, State next);
  Result<std::size_t> take_chunk_size(std::string_view octets);
  Result<std::size_t> take_chunk_end(std::string_view octets);
  Result<std::size_t> take_trailer(std::string_view octets);

  MessageLimits limits_;
  State state_ = State::done;
  std::uint64_t left_ = 0;
  std::size_t overhead_ = 0;  ///< octets of chunk lines: many small chunks cost us more than they bring
  std::string content_;
};

}  // namespace mailpod::http
