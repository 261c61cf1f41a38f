#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/net/stream.hpp>

namespace mailpod::smtp {

/// What a client says of itself and what it tolerates.
struct ClientSettings {
  std::string host_name = "localhost";  ///< in EHLO
  /// How long each answer may take, and each block of the message to go out. RFC 5321 §4.5.3.2.
  std::chrono::milliseconds greeting{300'000}, command{300'000}, data_begin{120'000}, data_block{180'000},
      data_end{600'000};
  /// How long one message may take from its MAIL to its last octet: a server that is slow on purpose, each time just
  /// within the limits above, holds a connection no longer. (The answer after that has data_end for itself.)
  std::chrono::milliseconds transaction{7'200'000};
  std::size_t reply_line = 2048;  ///< octets of one line; RFC 5321 §4.5.3.1.5 asks for 512
  std::size_t reply_lines = 100;  ///< of one reply
};

/// What the server said, or what we say in its place. RFC 5321 §4.2, RFC 3463.
struct Answer {
  int code = 0;          ///< 200…599
  std::string enhanced;  ///< "5.1.1", where the server gave one
  std::string text;      ///< its lines without codes, joined by a space; printable ASCII, at most 1,000 octets
  bool by_us = false;    ///< decided here: the server was not asked

  bool accepts() const { return code >= 200 && code < 400; }
  bool refuses_for_now() const { return code >= 400 && code < 500; }
  bool refuses_for_good() const { return code >= 500; }
  /// As one line, for records and reports: `550 5.1.1 no such mailbox`.
  std::string str() const;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// What the server offers, as its EHLO says.
struct Extensions {
  bool eight_bit_mime = false;        ///< RFC 6152
  bool pipelining = false;            ///< RFC 2920
  bool starttls = false;              ///< RFC 3207
  std::optional<std::uint64_t> size;  ///< RFC 1870; nothing if not offered, 0 if offered without a limit
  bool delivery_status = false;       ///< DSN, RFC 3461: the server reports itself, as the envelope asks
  bool smtp_utf8 = false;             ///< RFC 6531
  bool require_tls = false;           ///< RFC 8689
  // LIMITS, RFC 9422; nothing where no limit is known.
  std::optional<std::uint64_t> most_mails;              ///< messages over one connection
  std::optional<std::uint64_t> most_recipients;         ///< of one message
  std::optional<std::uint64_t> most_recipient_domains;  ///< of one message
  friend bool operator==(const Extensions&, const Extensions&) = default;
};

/// One recipient, and what its sender wants to hear of it. RFC 3461 §4.1, §4.2.
struct DispatchRecipient {
  std::string address;
  std::string notify{};              ///< value of NOTIFY, `SUCCESS,DELAY`; empty: not said
  std::string original_recipient{};  ///< value of ORCPT, `rfc822;xtext`; empty: not said
};

/// What TLS must have given before a word of a message is said. In the order of strength.
enum class Protection {
  any,           ///< nothing: clear text will do
  encrypted,     ///< TLS with whomever
  authenticated  ///< TLS with a server that has shown who it is: net::TlsInformation::verified
};

/// One message for some recipients of one server. Addresses as RFC 5321 §4.1.2 writes them, without brackets; the empty
/// reverse path is `<>`. What is for a server that offers DSN is said to no other, and not if it is malformed.
struct Dispatch {
  std::string reverse_path;
  std::vector<DispatchRecipient> recipients;
  const base::OctetSource& message;  ///< borrowed; read twice from its beginning to its end, on the loop
  std::string envelope_id{};         ///< value of ENVID, xtext; empty: not said. RFC 3461 §4.4
  std::string return_content{};      ///< value of RET, `FULL` or `HDRS`; empty: not said. RFC 3461 §4.3
  /// The message's header is, or may be, beyond ASCII: it goes only where SMTPUTF8 is offered. RFC 6531 §3.2.
  bool smtp_utf8 = false;
  /// It goes only where REQUIRETLS is offered under TLS with a verified certificate, and says so; but a message with
  /// the null reverse path goes in any case. RFC 8689 §4.2.1, §5.
  bool require_tls = false;
  /// What a policy of the recipients' domain asks for; with less no word of it is said, the null reverse path included.
  Protection protection = Protection::any;
};

/// The client's half of RFC 5321: one connection with one server, for any number of messages one after another.
///
/// What the server answers comes back as Answers, also its refusals; a connection that fails or a server that does not
/// speak SMTP throws std::system_error (std::errc::protocol_error for the latter). Then spent() holds, and only close()
/// makes sense.
/// Whatever the message holds, what goes out has CRLF line ends only, no NUL, and every dot at a line's beginning
/// stuffed (RFC 5321 §2.3.8, §4.5.2); one writer sees to it. A message with a bare CR, bare LF or NUL is not sent:
/// its recipients are answered 554 5.6.0 by us.
/// Loop of the stream, which is borrowed.
class Client {
public:
  enum class Tls {
    if_offered,
    never,  ///< for a server with which the handshake has just failed: RFC 7435
  };

  Client(net::Stream& stream, ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Hears the greeting, says EHLO (HELO where that is refused for want of EHLO), begins TLS where it is offered and
  /// says EHLO again. The answer that ended it: accepted, and send() may follow, or not. Throws
  /// net::Errc::tls_handshake_failed among others.
  boost::asio::awaitable<Answer> greet(net::TlsPeer peer, Tls tls);
  boost::asio::awaitable<Answer> greet(std::string server_name, Tls tls) {
    return greet(net::TlsPeer{std::move(server_name)}, tls);
  }
  const Extensions& extensions() const;

  /// One answer for each recipient, in order: of its RCPT if that was refused, else of the message as a whole. Commands
  /// are pipelined where that is offered. A message with octets above 127 for a server without 8BITMIME and one above
  /// its SIZE are refused by us (554 5.6.3, 552 5.3.4) and never begun; an address that is none is refused by us
  /// (553 5.1.3, for the reverse path 553 5.1.7) and never said. An address beyond ASCII is for servers with SMTPUTF8;
  /// others are told its domain in A-labels, and where that does not suffice it is refused by us (553 5.6.7, for the
  /// reverse path 550 5.6.7). What Dispatch::smtp_utf8 and require_tls demand and is not there is refused by us (554
  /// 5.6.9, 550 5.7.10, 550 5.7.30), as is, for now, what Dispatch::protection misses (451 4.7.10, 451 4.7.5).
  /// Recipients beyond the server's limits are answered 452 4.5.3 by us: they are for another message. When it throws,
  /// whether the server has taken the message is unknown only if data_ended(); otherwise it has not. Throws
  /// net::Errc::peer_closed without having said anything if the server has ended the conversation since the last
  /// message, as servers do that wait no longer; and not_connected once spent().
  boost::asio::awaitable<std::vector<Answer>> send(const Dispatch& dispatch);
  /// The final dot of the present message may have gone out and no answer to it has come yet. Whoever ends the
  /// stream's input now will not learn what became of the message.
  bool data_ended() const;
  /// Of the last send(), also one that threw: the server has accepted MAIL. Before, whatever went wrong concerned the
  /// connection and not the message, which another host of the same domain may take.
  bool mail_accepted() const;
  /// Of the last send(), also one that threw: the answers that were there by then, in the order of the recipients;
  /// nothing for those whose fate is open.
  const std::vector<std::optional<Answer>>& answers() const;
  /// The server has said 421, the connection has failed, or the two are out of step: no further message goes over it.
  bool spent() const;

  /// QUIT, and awaits the answer for a short while; nothing if spent(). Does not throw. The stream is still to be
  /// closed.
  boost::asio::awaitable<void> quit();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::smtp
