#include "envelope_commands.hpp"

#include <algorithm>
#include <array>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

#include "international.hpp"

namespace mailpod::smtp {

namespace {

using text::Cursor;
using text::OctetSet;
namespace octets = text::octets;

// RFC 3461 §4: hexchar is `+` and two digits, upper case.
constexpr OctetSet xchar = octets::vchar - OctetSet("+=");
constexpr OctetSet upper_hexdig = octets::digit | OctetSet::range('A', 'F');
constexpr std::size_t longest_envelope_id = 100;
constexpr std::size_t longest_original_recipient = 500;

bool is_xtext(std::string_view text) {
  Cursor in(text);
  while (!in.at_end()) {
    if (!in.take_while(xchar).empty()) continue;
    if (!in.take('+') || in.take_while(upper_hexdig, 2).size() != 2) return false;
  }
  return true;
}

}  // namespace

bool needs_smtp_utf8(const Dispatch& dispatch) {
  const auto is_beyond_ascii = [](const Addressee& recipient) { return !text::is_ascii(recipient.address); };
  return dispatch.smtp_utf8 || !text::is_ascii(dispatch.reverse_path) ||
         std::ranges::any_of(dispatch.recipients, is_beyond_ascii);
}

bool is_envelope_id(std::string_view value) {
  return !value.empty() && value.size() <= longest_envelope_id && is_xtext(value);
}

bool is_notify(std::string_view value) {
  if (value == "NEVER") return true;
  constexpr std::array<std::string_view, 3> wishes{"SUCCESS", "FAILURE", "DELAY"};
  while (true) {
    const std::size_t comma = value.find(',');
    if (std::ranges::find(wishes, value.substr(0, comma)) == wishes.end()) return false;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

bool is_original_recipient(std::string_view value) {
  if (value.size() > longest_original_recipient) return false;
  Cursor in(value);
  // RFC 3464 §2.1.2: address-type is an atom.
  if (in.take_while(octets::atext - OctetSet("+=")).empty() || !in.take(';')) return false;
  return !in.at_end() && is_xtext(in.rest());
}

std::string mail_command(const Dispatch& dispatch, const MessageForm& form, const Extensions& extensions) {
  std::string command = "MAIL FROM:";
  command += dispatch.reverse_path == "<>" ? "<>" : "<" + dispatch.reverse_path + ">";
  if (extensions.size) command += " SIZE=" + std::to_string(form.size);
  if (form.eight_bit) command += " BODY=8BITMIME";
  if (extensions.smtp_utf8 && needs_smtp_utf8(dispatch)) command += " SMTPUTF8";
  if (dispatch.require_tls && extensions.require_tls) command += " REQUIRETLS";
  if (extensions.delivery_status) {
    const std::string& wish = dispatch.return_content;
    if (wish == "FULL" || wish == "HDRS") command += " RET=" + wish;
    if (is_envelope_id(dispatch.envelope_id)) command += " ENVID=" + dispatch.envelope_id;
  }
  return command + "\r\n";
}

std::string rcpt_command(const Addressee& recipient, const Extensions& extensions) {
  std::string command = "RCPT TO:<" + recipient.address + ">";
  if (extensions.delivery_status) {
    if (is_notify(recipient.notify)) command += " NOTIFY=" + recipient.notify;
    const std::string& original = recipient.original_recipient;
    if (is_original_recipient(original)) command += " ORCPT=" + original;
    const std::string ascii = ascii_original_recipient(original);
    if (!text::is_ascii(original) && is_original_recipient(ascii)) command += " ORCPT=" + ascii;
  }
  return command + "\r\n";
}

}  // namespace mailpod::smtp
