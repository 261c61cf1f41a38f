#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::smtp {

/// How a listener is used.
enum class Role {
  exchange,    ///< port 25: mail from anyone for local recipients
  submission,  ///< ports 587 and 465: mail from members, after AUTH
  lmtp,        ///< a local socket: mail that another server of this machine hands in. RFC 2033
};

/// A forward or reverse path's mailbox, unquoted. RFC 5321 §4.1.2, RFC 6531 §3.3. An empty `domain` is the bare
/// `postmaster`.
struct Mailbox {
  std::string local_part;                                              ///< UTF-8, as given
  std::string domain;                                                  ///< lower case, A-labels
  bool empty() const { return local_part.empty() && domain.empty(); }  ///< the null reverse path `<>`
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

/// Who is at the other end of a session, as far as it is known.
struct Peer {
  Role role = Role::exchange;
  std::string address;    ///< IP address, textual
  std::string helo;       ///< as given in HELO or EHLO; empty before
  bool extended = false;  ///< greeted with EHLO
  bool tls = false;
  std::string tls_version;  ///< for the Received field, e.g. "TLS1.3"; empty without TLS
  std::string tls_cipher;
  std::optional<sasl::Login> login;
  std::string login_name;  ///< the authentication identity given
};

/// MAIL's parameters. RFC 5321 §4.1.1.2, RFC 1870, RFC 6152, RFC 3461, RFC 6531, RFC 8689.
struct MailParameters {
  /// How much of the message a report returns. RFC 3461 §4.3.
  enum class Return { unspecified, full, headers };

  std::uint64_t size = 0;  ///< declared octets; 0: not declared
  bool eight_bit = false;
  Return return_content = Return::unspecified;
  std::string envelope_id{};  ///< ENVID, xtext as given; empty if not given. RFC 3461 §4.4
  bool smtp_utf8 = false;     ///< addresses and header may be UTF-8
  bool require_tls = false;   ///< it may travel under verified TLS only
};

/// RCPT's parameters. RFC 3461 §4.1, §4.2.
struct RecipientParameters {
  /// When the sender wants to hear of this recipient.
  struct Notify {
    bool never = false, success = false, failure = false, delay = false;
    bool said() const { return never || success || failure || delay; }
    friend bool operator==(const Notify&, const Notify&) = default;
  };
  Notify notify;
  std::string original_recipient;  ///< ORCPT as given, `rfc822;xtext`; empty if not given. Perhaps UTF-8: RFC 6533 §3
  friend bool operator==(const RecipientParameters&, const RecipientParameters&) = default;
};

/// One RCPT that was accepted.
struct Addressee {
  Addressee(Mailbox path = {}, RecipientParameters with = {})
      : forward_path(std::move(path)), parameters(std::move(with)) {}
  Mailbox forward_path;
  RecipientParameters parameters;
  friend bool operator==(const Addressee&, const Addressee&) = default;
};

enum class Errc {
  no_such_mailbox = 1,    ///< 550 5.1.1
  not_local,              ///< 550 5.7.1 relaying denied (port 25)
  remote_not_served,      ///< 451 4.3.5 a member's mail to a remote recipient: this pod sends none
  mailbox_suspended,      ///< 450 4.2.1
  mailbox_unavailable,    ///< 450 4.2.0 nobody reads it yet (role address without a member)
  mailbox_full,           ///< 452 4.2.2 for now; the sender's server tries again
  sender_not_yours,       ///< 550 5.7.1 MAIL FROM or From is not the member's
  from_malformed,         ///< 550 5.7.1 not exactly one valid From
  too_many_hops,          ///< 554 5.4.6
  too_big,                ///< 552 5.3.4
  storage_full,           ///< 452 4.3.1
  storage_failed,         ///< 451 4.3.0
  too_many_recipients,    ///< 452 4.5.3
  may_not_submit,         ///< 550 5.7.1 the login has no right to send
  header_malformed,       ///< 550 5.6.0 a header that cannot be read or is too long
  too_fast,               ///< 450 4.7.0 more messages or recipients than one may have at present
  day_is_full,            ///< 450 4.7.0 a member has sent what the charter allows in a day
  posting_refused,        ///< 550 5.7.2 a group that the sender may not write to
  mailbox_full_for_long,  ///< 552 5.2.2 and its member does nothing about it
  sender_not_shown,       ///< 550 5.7.26 not shown to come from the domain in From, which wants it refused then
  server_not_allowed,     ///< 550 5.7.23 the domain of the reverse path sends no mail from there
  sender_undecided,       ///< 451 4.4.3 neither, for DNS did not answer; asked again when the mail is tried again
  not_federated,          ///< 550 5.7.1 the pod exchanges no mail with that domain
  federation_undecided,   ///< 451 4.7.1 it does if the mail comes from there, which could not be found out now
  stranger_listed,        ///< 550 5.7.1 nobody here knows them, and lists that are asked speak against them
  stranger_waits,         ///< 451 4.7.1 nobody here knows them: servers come again, which most spam engines do not
};
const boost::system::error_category& mailroom_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), mailroom_category()};
}

/// One message on its way in: the sink of DATA. Lives as long as its transaction; destroyed without accept() it leaves
/// nothing behind. Loop.
class Letter {
public:
  virtual ~Letter() = default;
  /// Takes the next octets, dot-unstuffed, CRLF line ends. Errors: too_big, storage_full; the caller goes on reading to
  /// the dot and then answers with the first error.
  virtual boost::asio::awaitable<Status> write(std::string_view octets) = 0;
  /// After the final dot. Once it answers without error the message is durable for every recipient.
  /// The answer is the text for the 250 reply (a queue or message id). It is the same for every recipient, for a
  /// message reaches all or none (docs/decisions/0005): LMTP says it once for each.
  virtual boost::asio::awaitable<Result<std::string>> accept() = 0;
  /// After accept() has refused: why, for the reply, in place of what is said to everybody. Empty: that will do.
  virtual std::string explanation() const { return {}; }
};

/// Port: decides about mail and takes it. Implemented by `delivery`; smtp itself knows no member, no vault, no queue.
/// Loop.
class Mailroom {
public:
  virtual ~Mailroom() = default;
  virtual boost::asio::awaitable<Status> consider_sender(const Peer& peer, const Mailbox& reverse_path,
                                                         const MailParameters& parameters) = 0;
  virtual boost::asio::awaitable<Status> consider_recipient(const Peer& peer, const Mailbox& reverse_path,
                                                            const Mailbox& forward_path) = 0;
  /// Right after consider_recipient() has refused the same with not_federated: why, as
  /// Letter::explanation() says it.
  virtual std::string explain_recipient(const Peer&, const Mailbox&, const Mailbox&) const { return {}; }
  /// Before 354. `recipients` are those that consider_recipient allowed, in order.
  virtual boost::asio::awaitable<Result<std::unique_ptr<Letter>>> begin(const Peer& peer, const Mailbox& reverse_path,
                                                                        const std::vector<Addressee>& recipients,
                                                                        const MailParameters& parameters) = 0;
};

}  // namespace mailpod::smtp

template <>
struct boost::system::is_error_code_enum<mailpod::smtp::Errc> : std::true_type {};
