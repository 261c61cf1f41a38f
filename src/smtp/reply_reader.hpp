#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/lines.hpp>
#include <mailpod/smtp/client.hpp>

namespace mailpod::smtp {

/// A server's reply: the answer, and its lines as they came, for EHLO.
struct ServerReply {
  Answer answer;
  std::vector<std::string> lines;  ///< without codes and CRLF; any octets but CR and LF
};

/// Puts a reply together line by line. RFC 5321 §4.2: `250-` continues, `250 ` and a bare `250` end it. Not SMTP, and
/// therefore an exception (std::errc::protocol_error): a line without such a beginning, another code in the midst of a
/// reply, a code outside 200…599, more lines than are tolerated.
///
/// What comes out is fit for records and reports whatever the server sent: printable ASCII, of bounded length. An
/// enhanced status code (RFC 2034 §4, RFC 3463 §2) is believed also where the extension was not offered, but only if
/// its class agrees with the code.
class ReplyReader {
public:
  explicit ReplyReader(std::size_t most_lines) : most_lines_(most_lines) {}

  /// Takes the next line, without its CRLF. True if it was the reply's last.
  bool take(std::string_view line);
  /// After the last line.
  ServerReply finished();

private:
  const std::size_t most_lines_;
  ServerReply reply_;
};

/// Reads one reply, which must be complete within `limit`. Throws protocol_error also where a line is too long or does
/// not end in CRLF, net::Errc::peer_closed where the server has closed, and the stream's failures.
boost::asio::awaitable<ServerReply> read_reply(net::Stream& stream, net::LineReader& lines,
                                               const ClientSettings& settings, std::chrono::milliseconds limit);

/// `2.1.5 ` at the beginning of a reply's text, where its class is that of `code`; without the space. Empty if there is
/// none.
std::string_view enhanced_code_of(std::string_view text, int code);

/// The two are out of step, or the other side is no SMTP server.
[[noreturn]] void fail_protocol(const char* what);

}  // namespace mailpod::smtp
