#include <mailpod/mailauth/dkim_record.hpp>

#include <algorithm>

#include <mailpod/mailauth/tag_list.hpp>

namespace mailpod::mailauth {

namespace {

/// What a tag says without its white space; `otherwise` if it is not there.
std::string said(const TagList& list, std::string_view name, std::string_view otherwise) {
  const Tag* tag = list.find(name);
  return tag == nullptr ? std::string(otherwise) : without_white_space(tag->value);
}

/// Whether hosts that are given this record verify with the key of the other. RFC 6376 §3.6.1 has the defaults.
bool is_same_key(const TagList& wanted, const TagList& found) {
  return said(found, "v", "DKIM1") == "DKIM1" && said(found, "k", "rsa") == said(wanted, "k", "rsa") &&
         said(found, "p", "") == said(wanted, "p", "");
}

}  // namespace

std::string zone_line(std::string_view name, std::string_view text) {
  constexpr std::size_t longest_string = 255;
  std::string line = std::string(name) + ". IN TXT (";
  while (!text.empty()) {
    line.append(" \"").append(text.substr(0, longest_string)).append("\"");
    text.remove_prefix(std::min(longest_string, text.size()));
  }
  return line + " )";
}

std::string_view name_of(Published published) {
  switch (published) {
    case Published::present:
      return "present";
    case Published::missing:
      return "missing";
    case Published::different:
      break;
  }
  return "different";
}

Published compare_record(std::string_view wanted, std::span<const std::string> records) {
  if (records.empty()) return Published::missing;
  // With several, a verifier may take any of them.
  if (records.size() > 1) return Published::different;
  const auto ours = TagList::parse(wanted);
  const auto theirs = TagList::parse(records.front());
  return ours && theirs && is_same_key(*ours, *theirs) ? Published::present : Published::different;
}

}  // namespace mailpod::mailauth
