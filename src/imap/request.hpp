#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/ports.hpp>
#include <mailpod/net/lines.hpp>
#include <mailpod/net/output.hpp>
#include <mailpod/net/stream.hpp>

#include "grammar.hpp"

namespace mailpod::imap {

using net::Output;

/// A message announced by APPEND and not read yet.
struct AnnouncedMessage {
  std::uint64_t octets = 0;
  bool synchronizing = false;  ///< the client waits for `+`
};

/// One command as sent, without its last CRLF. Literals stand in it as they came: `{5}` CRLF and five octets.
struct Request {
  std::string text;
  /// Then `text` ends before the literal's `{`.
  std::optional<AnnouncedMessage> message;
};

/// What cannot be a command.
struct Refusal {
  enum class Then { go_on, close };
  std::string tag;  ///< `*` if none could be read
  std::string reason;
  Then then;
};

/// The peer closed the connection.
struct Gone {};

/// Reads commands, asking the client for the literals it announces. RFC 3501 §2.2, §4.3, RFC 7888.
///
/// What was said to the commands before goes out before it waits for more of one, however much of that is here already.
/// Memory is bounded by the limits of each call. Loop.
class RequestReader {
public:
  /// Octets.
  struct Limits {
    std::size_t line;
    std::size_t command;  ///< its literals included
    std::size_t literal;
    std::size_t unasked_literal;  ///< one that does not wait for `+`: RFC 7888 §5
    /// On the clock's monotonic time: whoever sends a literal drop by drop is cut off then (std::errc::timed_out).
    std::chrono::microseconds until = std::chrono::microseconds::max();
  };
  /// Whether the command so far, which ends where a literal begins, wants that literal left to whoever runs it.
  using AwaitsMessage = std::function<bool(std::string_view text)>;

  /// Borrowed.
  RequestReader(net::Stream& stream, Output& out, base::Clock& clock) : lines_(stream), out_(out), clock_(clock) {}

  using Received = std::variant<Request, Refusal, Gone>;
  boost::asio::awaitable<Received> next(const Limits& limits, const AwaitsMessage& awaits_message);

  /// For commands that read on by themselves: IDLE, AUTHENTICATE, APPEND.
  net::LineReader& lines() { return lines_; }

private:
  boost::asio::awaitable<void> read_literal(const LiteralMark& mark, const Limits& limits, std::string& text);

  net::LineReader lines_;
  Output& out_;
  base::Clock& clock_;
};

}  // namespace mailpod::imap
