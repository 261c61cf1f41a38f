#pragma once

#include <string>
#include <string_view>

#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// A part tree on one line: `multipart/mixed{text/plain, message/rfc822{text/html}}`.
inline std::string tree_text(const Part& part) {
  std::string out = part.type + '/' + part.subtype;
  if (part.children.empty()) return out;
  out += '{';
  for (const Part& child : part.children) {
    if (&child != &part.children.front()) out += ", ";
    out += tree_text(child);
  }
  return out + '}';
}

inline std::string_view slice(std::string_view message, const Range& range) {
  return message.substr(range.begin, range.size());
}

/// The first broken promise of Part below and including `part`; empty if all are kept.
inline std::string broken_promise(const Part& part) {
  if (part.header.begin > part.header.end) return "header ends before it begins";
  if (part.header.end != part.body.begin) return "body does not begin behind the header";
  if (part.body.begin > part.body.end) return "body ends before it begins";
  if (part.lines > part.body.size()) return "more lines than octets";
  const bool is_message = part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
  if (is_message != part.holds_message()) return "message without envelope, or envelope without message";
  if (is_message && part.children.size() != 1) return "message does not hold one entity";
  if (part.is_multipart() && part.children.empty()) return "multipart without parts";
  if (!is_message && !part.is_multipart() && !part.children.empty()) return "leaf with children";
  std::uint64_t from = part.body.begin;
  for (const Part& child : part.children) {
    if (child.header.begin < from) return "children overlap";
    if (child.body.end > part.body.end) return "child reaches beyond its parent";
    from = child.body.end;
    if (std::string inside = broken_promise(child); !inside.empty()) return inside;
  }
  return {};
}

inline std::size_t count_parts(const Part& part) {
  std::size_t count = 1;
  for (const Part& child : part.children) count += count_parts(child);
  return count;
}

}  // namespace mailpod::message
