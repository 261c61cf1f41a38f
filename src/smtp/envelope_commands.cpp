#include "envelope_commands.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "international.hpp"
#include "notification.hpp"

namespace mailpod::smtp {

bool needs_smtp_utf8(const Dispatch& dispatch) {
  const auto is_beyond_ascii = [](const DispatchRecipient& recipient) { return !text::is_ascii(recipient.address); };
  return dispatch.smtp_utf8 || !text::is_ascii(dispatch.reverse_path) ||
         std::ranges::any_of(dispatch.recipients, is_beyond_ascii);
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

std::string rcpt_command(const DispatchRecipient& recipient, const Extensions& extensions) {
  std::string command = "RCPT TO:<" + recipient.address + ">";
  if (extensions.delivery_status) {
    if (parse_notify(recipient.notify)) command += " NOTIFY=" + recipient.notify;
    // RFC 6533 §3: the form that every server with DSN takes.
    const std::string original = ascii_original_recipient(recipient.original_recipient);
    if (is_original_recipient(original, OriginalAddress::ascii)) command += " ORCPT=" + original;
  }
  return command + "\r\n";
}

}  // namespace mailpod::smtp
