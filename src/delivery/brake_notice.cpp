#include "brake_notice.hpp"

#include <fmt/format.h>

#include <mailpod/message/header_edit.hpp>

namespace mailpod::delivery {
namespace {

constexpr std::string_view words = R"({0} {1}: more than {2} at
once, or {3} an hour in the long run. Most likely somebody else has one of
{0}'s passwords.

Nothing of it is lost. What {0} has sent to other servers, and has not left
yet, is held in the queue, and so is what they send from now on. Mail among
members goes on.

`mailpod queue list` and `mailpod queue show` say what it is. If {0} means it:

    mailpod queue release --member {0}

If not, revoke the app password that was stolen, then throw away what it sent:

    mailpod app-password list {0}
    mailpod app-password revoke {0} NAME
    mailpod queue drop --member {0}

Either lets {0} send again.
)";

std::string_view what_happened(Brake::Reason reason) {
  switch (reason) {
    case Brake::Reason::recipients:
      return "has written to more addresses at other servers than members do";
    case Brake::Reason::refused:
      return "has written to many addresses that other servers refuse";
  }
  return "";
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    if (octet == '\n') out += '\r';
    out += octet;
  }
  return out;
}

}  // namespace

std::string write_brake_notice(const BrakeNotice& notice, base::Entropy& entropy) {
  using message::write_field;
  const std::string postmaster = "postmaster@" + notice.domain;
  std::string out;
  out += write_field("From", "Mailpod <" + postmaster + ">");
  out += write_field("To", "<" + postmaster + ">");
  out += write_field("Subject", "Mail that " + notice.member + " sends is held");
  out += write_field("Date", message::write_date({notice.time, {}}));
  out += write_field("Message-ID", message::make_message_id(entropy, notice.domain));
  out += write_field("Auto-Submitted", "auto-generated");
  out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  return out + with_crlf(fmt::format(fmt::runtime(words), notice.member, what_happened(notice.reason),
                                     notice.rate.burst, notice.rate.an_hour));
}

}  // namespace mailpod::delivery
