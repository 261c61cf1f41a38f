#include <algorithm>
#include <charconv>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "report.hpp"

/// message/delivery-status: what happened, for programs. RFC 3464.
namespace mailpod::queue {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// `550 …`: else it is about the connection, in our words.
bool is_smtp_reply(std::string_view reply) {
  return reply.size() >= 3 && std::ranges::all_of(reply.substr(0, 3), is_digit) &&
         (reply.size() == 3 || reply[3] == ' ');
}

// The `5.1.1` of `550 5.1.1 …`; empty if there is none, or one that contradicts the code. RFC 2034 §4.
std::string enhanced_of(std::string_view reply) {
  if (!is_smtp_reply(reply) || reply.size() < 9) return {};
  const std::string_view rest = reply.substr(4);
  const std::string_view code = rest.substr(0, std::min(rest.find(' '), rest.size()));
  int dots = 0;
  std::size_t digits = 0;
  for (const char c : code) {
    if (c == '.') {
      if (digits == 0) return {};
      ++dots;
      digits = 0;
    } else if (!is_digit(c) || ++digits > 3) {
      return {};
    }
  }
  if (dots != 2 || digits == 0 || code[1] != '.' || code[0] != reply[0]) return {};
  return std::string(code);
}

std::string clock_time(base::Time time) {
  return message::write_date({time, {}});
}

// RFC 3461 §4: `+XX` stands for an octet. What is not xtext stays.
std::string decode_xtext(std::string_view xtext) {
  std::string out;
  for (std::size_t i = 0; i < xtext.size(); ++i) {
    const auto octet = xtext[i] == '+' && i + 2 < xtext.size() ? base::unhex(xtext.substr(i + 1, 2)) : std::nullopt;
    if (octet) {
      out += *octet;
      i += 2;
    } else {
      out += xtext[i];
    }
  }
  return out;
}

// One character of well-formed UTF-8 from the front of `rest`.
std::uint32_t take_character(std::string_view& rest) {
  const auto first = static_cast<unsigned char>(rest[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t character = length == 1 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) character = (character << 6) | (static_cast<unsigned char>(rest[i]) & 0x3f);
  rest.remove_prefix(length);
  return character;
}

// RFC 6533 §3: in ASCII fields, characters beyond stand as \x{HEXPOINT}.
std::string utf8_address(std::string_view address) {
  std::string out = "utf-8; ";
  const std::string repaired = text::repaired_utf8(address);
  for (std::string_view rest = repaired; !rest.empty();) {
    const std::uint32_t character = take_character(rest);
    const bool plain =
        character > 0x20 && character < 0x7f && character != '\\' && character != '+' && character != '=';
    out += plain ? std::string(1, static_cast<char>(character)) : fmt::format("\\x{{{:02X}}}", character);
  }
  return out;
}

// How a status part may be written.
enum class Charset { ascii, utf8 };

std::string typed_address(std::string_view address, Charset charset) {
  const std::string_view some = text::utf8_prefix(address, 500);
  if (text::is_ascii(some)) return "rfc822; " + ascii_line(some);
  return charset == Charset::utf8 ? "utf-8; " + utf8_line(some) : utf8_address(some).substr(0, 900);
}

// Nothing if there is no such character.
std::string character_of(std::uint32_t point) {
  std::string out;
  const auto add = [&](std::uint32_t octet) { out += static_cast<char>(static_cast<unsigned char>(octet)); };
  const auto add_rest = [&](int shift) {
    for (; shift >= 0; shift -= 6) add(0x80 | ((point >> shift) & 0x3f));
  };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | (point >> 6));
    add_rest(0);
  } else if (point < 0x10000) {
    add(0xe0 | (point >> 12));
    add_rest(6);
  } else {
    add(0xf0 | ((point >> 18) & 0x07));
    add_rest(12);
  }
  return point <= 0x10ffff && text::is_utf8(out) ? out : std::string();
}

// RFC 6533 §3: `\x{HEXPOINT}` stands for a character. What is none stays.
std::string decode_unitext(std::string_view unitext) {
  std::string out;
  while (!unitext.empty()) {
    std::uint32_t point = 0;
    const std::size_t end = unitext.starts_with("\\x{") ? unitext.substr(0, 10).find('}') : std::string_view::npos;
    const char* const digits = unitext.data() + 3;
    const bool escaped = end != std::string_view::npos && end > 3 &&
                         std::from_chars(digits, unitext.data() + end, point, 16).ptr == unitext.data() + end;
    const std::string character = escaped ? character_of(point) : std::string();
    out += character.empty() ? std::string(1, unitext.front()) : character;
    unitext.remove_prefix(character.empty() ? 1 : end + 1);
  }
  return out;
}

// `rfc822;xtext` or `utf-8;unitext`, as ORCPT had it. RFC 3461 §4.2, RFC 3464 §2.3.1, RFC 6533 §4.1.
std::string original_recipient(std::string_view orcpt, Charset charset) {
  const std::size_t semicolon = orcpt.find(';');
  if (semicolon == std::string_view::npos) return typed_address(decode_xtext(orcpt), charset);
  const std::string type = ascii_line(orcpt.substr(0, semicolon), 40);
  if (text::equal_fold(type, "utf-8")) {
    const std::string address = decode_unitext(orcpt.substr(semicolon + 1));
    if (!text::is_ascii(address)) return typed_address(address, charset);
  }
  return type + "; " + ascii_line(decode_xtext(orcpt.substr(semicolon + 1)), 500);
}

struct Fields {
  std::string out;
  void add(std::string_view name, std::string_view value) {
    if (!text::trim(value).empty()) out += message::write_field(name, value);
  }
};

struct Event {
  std::string_view action;
  std::optional<base::Time> until{};
};

std::string recipient_fields(const Recipient& recipient, const Event& event, Charset charset) {
  Fields fields;
  if (!recipient.original_recipient.empty()) {
    fields.add("Original-Recipient", original_recipient(recipient.original_recipient, charset));
  }
  fields.add("Final-Recipient", typed_address(recipient.address, charset));
  fields.add("Action", event.action);
  fields.add("Status", status_of(recipient));
  if (!recipient.last_host.empty()) fields.add("Remote-MTA", "dns; " + ascii_line(recipient.last_host, 255));
  if (!recipient.last_reply.empty()) {
    const std::string_view type = is_smtp_reply(recipient.last_reply) ? "smtp; " : "X-Mailpod; ";
    fields.add("Diagnostic-Code", std::string(type) + ascii_line(recipient.last_reply));
  }
  if (recipient.last_attempt) fields.add("Last-Attempt-Date", clock_time(*recipient.last_attempt));
  if (event.until) fields.add("Will-Retry-Until", clock_time(*event.until));
  return fields.out;
}

}  // namespace

std::string status_of(const Recipient& recipient) {
  if (recipient.state == RecipientState::delivered || recipient.state == RecipientState::expanded) return "2.0.0";
  std::string enhanced = enhanced_of(recipient.last_reply);
  if (enhanced.starts_with('4') || enhanced.starts_with('5')) return enhanced;
  const bool said = is_smtp_reply(recipient.last_reply);
  if (recipient.state == RecipientState::failed) return said && recipient.last_reply[0] == '5' ? "5.0.0" : "4.4.7";
  return said ? "4.0.0" : "4.4.1";
}

std::string write_delivery_status(const Entry& entry, const News& news, const Reporter& reporter) {
  Fields message;
  if (!entry.envelope_id.empty()) {
    message.add("Original-Envelope-Id", ascii_line(decode_xtext(entry.envelope_id), 500));
  }
  message.add("Reporting-MTA", "dns; " + ascii_line(reporter.domain, 255));
  message.add("Arrival-Date", clock_time(entry.arrival));

  std::string out = message.out;
  const Charset charset = entry.smtp_utf8 ? Charset::utf8 : Charset::ascii;
  const auto add = [&](const std::vector<std::size_t>& places, const Event& event) {
    for (const std::size_t place : places) out += "\r\n" + recipient_fields(entry.recipients[place], event, charset);
  };
  add(news.failed, {"failed"});
  add(news.delayed, {"delayed", reporter.tried_until});
  add(news.relayed, {"relayed"});
  add(news.delivered, {"delivered"});
  add(news.expanded, {"expanded"});
  return out;
}

}  // namespace mailpod::queue
