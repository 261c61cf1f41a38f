#include "pod_mail.hpp"

#include <algorithm>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/text/encoded_words.hpp>

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

/// Others said it: what is no plain id is not repeated.
bool is_message_id(std::string_view id) {
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f; };
  return id.size() > 2 && id.size() <= 250 && id.front() == '<' && id.back() == '>' && std::ranges::all_of(id, plain);
}

}  // namespace

std::string write_act_mail(const PodMail& mail, const base::ByteArray<32>& act, base::Entropy& entropy) {
  auto with_words = mail;
  with_words.subject = text::write_encoded_words(mail.subject);
  return message::write_field(act_field, base::hex(base::octets(act))) + write_pod_mail(with_words, entropy);
}

std::string write_pod_mail(const PodMail& mail, base::Entropy& entropy) {
  using message::write_field;
  std::string out;
  out += write_field("From", "Mailpod <postmaster@" + mail.domain + ">");
  out += write_field("To", "<" + mail.to + ">");
  out += write_field("Subject", mail.subject);
  out += write_field("Date", message::write_date({mail.time, {}}));
  out += write_field("Message-ID", message::make_message_id(entropy, mail.domain));
  const bool answers = is_message_id(mail.in_reply_to);
  out += write_field("Auto-Submitted", answers ? "auto-replied" : "auto-generated");
  if (answers) out += write_field("In-Reply-To", mail.in_reply_to) + write_field("References", mail.in_reply_to);
  out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  return out + with_crlf(mail.text);
}

}  // namespace mailpod::delivery
