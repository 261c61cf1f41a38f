#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/lines.hpp>
#include <mailpod/net/stint.hpp>
#include <mailpod/smtp/client.hpp>

#include "reply_reader.hpp"

namespace mailpod::smtp {

/// A client's commands out and the server's replies in, and what they have left open: what belongs to a connection and
/// not to one message. Loop of the stream.
class CommandExchange {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Both are borrowed.
  CommandExchange(net::Stream& stream, const ClientSettings& settings)
      : stream_(stream), lines_(stream), settings_(settings), stint_(stream) {}

  /// Whole command lines with their CRLFs, at most 16 KiB. Throws protocol_error if the server has said more than it
  /// was asked: its replies would be taken for those to other commands.
  boost::asio::awaitable<void> say(std::string commands);
  /// The next reply. Throws as read_reply() does.
  boost::asio::awaitable<ServerReply> hear(milliseconds limit);
  /// The next reply, which is to say that something is done or refused, not to ask for more (3yz): that is a
  /// protocol_error.
  boost::asio::awaitable<Answer> hear_completion(milliseconds limit);
  /// A block of a message, at most 64 KiB.
  boost::asio::awaitable<void> write_block(std::string_view octets);
  /// There are octets of the server, or its closing, that nothing has asked for.
  boost::asio::awaitable<bool> server_has_spoken();
  /// For work between two operations: others on the loop have their turn when it is time.
  boost::asio::awaitable<void> give_way();

  /// TLS from here on. Throws protocol_error if anything was received ahead of it: it came in clear, from anybody, and
  /// must not be taken for something said under TLS (RFC 3207 §4.2).
  boost::asio::awaitable<void> begin_tls(net::TlsPeer peer);
  bool secure() const { return stream_.secure(); }
  /// TLS, with a certificate that is the host's.
  bool verified() const { return stream_.tls().verified; }
  /// Nothing further has been received by now.
  bool in_step() const { return lines_.buffered().empty(); }

  const ClientSettings& settings() const { return settings_; }

  /// From here on every limit is cut by what ClientSettings::transaction leaves, until the transaction has ended.
  void begin_transaction();
  void end_transaction() { transaction_end_.reset(); }

  bool closing = false;           ///< the server has said 421 (RFC 5321 §3.8): it hears nothing more
  bool transaction_open = false;  ///< the server may hold on to an envelope: RSET before the next
  bool data_ended = false;        ///< Client::data_ended()

private:
  milliseconds within_transaction(milliseconds limit) const;

  net::Stream& stream_;
  net::LineReader lines_;
  const ClientSettings& settings_;
  net::Stint stint_;
  std::optional<std::chrono::steady_clock::time_point> transaction_end_;  ///< the present one's, at the latest
};

}  // namespace mailpod::smtp
