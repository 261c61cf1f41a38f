#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/encoded_words.hpp>

#include "groups.hpp"

namespace mailpod::delivery {
namespace {

using members::Group;

/// As a URI says a local part: what is not unreserved is percent-encoded. RFC 6068 §2.
std::string in_uri(std::string_view local_part) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view marks = "-._~";
  std::string out;
  for (const char c : local_part) {
    const char low = text::lower(c);
    if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      (out += '%') += digits[octet >> 4U];
      out += digits[octet & 15U];
    }
  }
  return out;
}

std::string mailto(const Group& group, std::string_view suffix, std::string_view query = "") {
  return "<mailto:" + in_uri(group.address.local_part) + std::string(suffix) + "@" + group.address.domain +
         std::string(query) + ">";
}

/// A display name as RFC 5322 §3.2.5 has it: quoted, or in encoded words.
std::string phrase(std::string_view utf8) {
  if (!text::is_ascii(utf8)) return text::write_encoded_words(utf8);
  std::string out = "\"";
  for (const char c : utf8) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out + '"';
}

std::string name_of(const Group& group) {
  return group.name.empty() ? group.address.local_part : group.name;
}

}  // namespace

std::string list_fields(const Group& group) {
  const std::string id = "<" + group.address.local_part + "." + group.address.domain + ">";
  return message::write_field("List-Id", group.name.empty() ? id : phrase(group.name) + " " + id) +
         message::write_field("List-Post", mailto(group, "")) +
         message::write_field("List-Unsubscribe", mailto(group, "-request", "?subject=unsubscribe")) +
         message::write_field("List-Owner", mailto(group, "-owner")) + message::write_field("Precedence", "list");
}

HeaderChanges author_fields(const Group& group, const message::HeaderFacts& facts) {
  HeaderChanges changes;
  changes.remove = {"From", "Sender"};
  const std::string address = "<" + group.address.str() + ">";
  const auto& authors = facts.from_addresses.addresses;
  if (authors.empty()) {
    changes.prepend = message::write_field("From", phrase(name_of(group)) + " " + address);
    return changes;
  }
  const auto& author = authors.front();
  const std::string& name = author.name.empty() ? author.mailbox : author.name;
  changes.prepend = message::write_field("From", phrase(name + " via " + name_of(group)) + " " + address);
  if (facts.named("Reply-To").empty()) {
    const std::string known =
        author.name.empty() ? author.address() : phrase(author.name) + " <" + author.address() + ">";
    changes.prepend += message::write_field("Reply-To", known);
  }
  return changes;
}

}  // namespace mailpod::delivery
