#include "pod_mail.hpp"

#include <mailpod/message/header_edit.hpp>

namespace mailpod::delivery {
namespace {

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    if (octet == '\n') out += '\r';
    out += octet;
  }
  return out;
}

}  // namespace

std::string write_pod_mail(const PodMail& mail, base::Entropy& entropy) {
  using message::write_field;
  std::string out;
  out += write_field("From", "Mailpod <postmaster@" + mail.domain + ">");
  out += write_field("To", "<" + mail.to + ">");
  out += write_field("Subject", mail.subject);
  out += write_field("Date", message::write_date({mail.time, {}}));
  out += write_field("Message-ID", message::make_message_id(entropy, mail.domain));
  out += write_field("Auto-Submitted", "auto-generated");
  out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  return out + with_crlf(mail.text);
}

}  // namespace mailpod::delivery
