#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/queue/entry.hpp>

/// Delivery status notifications: multipart/report (RFC 6522) of plain words, message/delivery-status (RFC 3464) and
/// what is returned of the message. Everything that others have said (replies, host names, addresses) is made harmless
/// here.
namespace mailpod::queue {

/// What the submitter hears, each with the places of the recipients concerned.
struct News {
  std::vector<std::size_t> failed;
  std::vector<std::size_t> delayed;
  std::vector<std::size_t> relayed;      ///< handed to a server that promised no notification of its own
  std::vector<std::size_t> delivered{};  ///< put into a mailbox here
  std::vector<std::size_t> expanded{};   ///< became several recipients: RFC 3464 §2.3.3

  bool empty() const {
    return failed.empty() && delayed.empty() && relayed.empty() && delivered.empty() && expanded.empty();
  }
  /// Where a recipient belongs that is no longer pending.
  std::vector<std::size_t>& ended(const Recipient& recipient);
};

/// What of the message stands in the report.
struct Returned {
  std::string octets;
  bool whole = false;  ///< or its header alone
};
/// The whole message only where something failed, the sender did not ask for less (REQUIRETLS does: RFC 8689 §5), and
/// it is within `limit`; else as much of its header as is. Disk: on the pool. RFC 3461 §4.3.
Returned read_returned(const Entry& entry, const News& news, const base::OctetSource& message, std::size_t limit);

struct Reporter {
  std::string domain;  ///< whose server we are
  base::Time now;
  base::Time tried_until;  ///< when delayed recipients are given up
  std::string boundary;    ///< random: nobody can have put it into the message
};

std::string report_boundary(base::Entropy& entropy);

/// A whole message for the submitter of `entry`, CRLF line ends, no trace fields. The same news give the same
/// Message-ID.
std::string write_report(const Entry& entry, const News& news, const Returned& returned, const Reporter& reporter);

// ---- its parts

/// In words that need no knowledge of mail. UTF-8, lines of moderate length.
std::string write_explanation(const Entry& entry, const News& news, const Returned& returned, const Reporter& reporter);
/// The fields of message/delivery-status (RFC 3464 §2), or, of mail with SMTPUTF8, of message/global-delivery-status
/// (RFC 6533 §4.1), which has addresses as they are.
std::string write_delivery_status(const Entry& entry, const News& news, const Reporter& reporter);
/// `5.1.1`: what the host said, or what comes closest. RFC 3463.
std::string status_of(const Recipient& recipient);

/// `octets` with CRLF line ends only, and no NUL.
std::string with_clean_lines(std::string_view octets);
/// Printable US-ASCII: every other octet is `?`, a control character a space. At most `limit` octets.
std::string ascii_line(std::string_view octets, std::size_t limit = 900);
/// One line of UTF-8 without control characters.
std::string utf8_line(std::string_view octets, std::size_t limit = 900);

}  // namespace mailpod::queue
