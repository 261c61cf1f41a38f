#include "listing.hpp"

#include <algorithm>

#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {

text::Parsed<ListRequest> parse_list_request(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a reference name");
  auto reference = parse_mailbox(in, dialect);
  if (reference.has_error()) return reference.error();
  if (!in.take_space()) return in.error("SP and a mailbox pattern");
  auto pattern = parse_list_mailbox(in, dialect);
  if (pattern.has_error()) return pattern.error();
  return ListRequest{std::move(*reference), std::move(*pattern)};
}

void write_list_response(std::string& out, std::string_view word, std::string_view attributes, std::string_view name,
                         const Dialect& dialect) {
  out += "* ";
  out += word;
  out += " (";
  out += attributes;
  out += ") \"/\" ";
  // A quoted empty name is the root of the hierarchy.
  write_mailbox(out, name, dialect);
  out += "\r\n";
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

}  // namespace mailpod::imap
