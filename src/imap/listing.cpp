#include "listing.hpp"

#include <algorithm>

#include <mailpod/store/special_use.hpp>

#include "response.hpp"

namespace mailpod::imap {

void write_list_response(std::string& out, std::string_view word, const ListResponse& response,
                         const Dialect& dialect) {
  out += "* ";
  out += word;
  out += " (";
  out += response.attributes;
  out += ") \"/\" ";
  // A quoted empty name is the root of the hierarchy.
  write_mailbox(out, response.name, dialect);
  if (!response.extended.empty()) {
    out += ' ';
    out += response.extended;
  }
  out += "\r\n";
}

std::string attributes_of(const store::VaultState& vault, const store::MailboxState& mailbox) {
  std::string attributes;
  if (!mailbox.selectable) attributes += "\\Noselect ";
  attributes += has_children(vault, mailbox.name) ? "\\HasChildren" : "\\HasNoChildren";
  if (mailbox.special_use != store::SpecialUse::none) {
    attributes += ' ';
    attributes += store::attribute_for(mailbox.special_use);
  }
  return attributes;
}

bool has_children(const store::VaultState& vault, std::string_view name) {
  const auto prefix = std::string(name) + '/';
  // INBOX comes first whatever its name; the others ascend.
  const auto begin = vault.mailboxes.begin() + (vault.mailboxes.empty() ? 0 : 1);
  const auto first =
      std::lower_bound(begin, vault.mailboxes.end(), prefix,
                       [](const auto& mailbox, const std::string& value) { return mailbox->name < value; });
  return first != vault.mailboxes.end() && (*first)->name.starts_with(prefix);
}

std::string old_name_item(std::string_view old_name, const Dialect& dialect) {
  std::string item = "(\"OLDNAME\" (";
  write_mailbox(item, old_name, dialect);
  return item + "))";
}

void write_old_name(std::string& out, std::string_view as_given, const ListResponse& response, const Dialect& dialect) {
  if (!dialect.enabled.imap4rev2 || as_given == response.name) return;
  const auto extended = old_name_item(as_given, dialect);
  write_list_response(out, "LIST", {response.attributes, response.name, extended}, dialect);
}

}  // namespace mailpod::imap
