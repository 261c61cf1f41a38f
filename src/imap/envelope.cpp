#include "envelope.hpp"

#include "response.hpp"

namespace mailpod::imap {
namespace {

void write_address(std::string& out, const message::EnvelopeAddress& address) {
  out += '(';
  write_nstring(out, address.name);
  out += ' ';
  write_nstring(out, address.adl);
  out += ' ';
  write_nstring(out, address.mailbox);
  out += ' ';
  write_nstring(out, address.host);
  out += ')';
}

void write_addresses(std::string& out, const std::vector<message::EnvelopeAddress>& addresses) {
  if (addresses.empty()) {
    out += "NIL";
    return;
  }
  out += '(';
  for (const auto& address : addresses) write_address(out, address);
  out += ')';
}

}  // namespace

void write_envelope(std::string& out, const message::Envelope& envelope) {
  out += '(';
  write_nstring(out, envelope.date);
  out += ' ';
  write_nstring(out, envelope.subject);
  for (const auto* addresses : {&envelope.from, &envelope.shown_sender(), &envelope.shown_reply_to(), &envelope.to,
                                &envelope.cc, &envelope.bcc}) {
    out += ' ';
    write_addresses(out, *addresses);
  }
  out += ' ';
  write_nstring(out, envelope.in_reply_to);
  out += ' ';
  write_nstring(out, envelope.message_id);
  out += ')';
}

}  // namespace mailpod::imap
