#include "header_fields.hpp"

#include <map>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::mailauth {

namespace {

/// The first line, with its line end.
std::string_view first_line(std::string_view octets) {
  const auto line_feed = octets.find('\n');
  return octets.substr(0, line_feed == std::string_view::npos ? octets.size() : line_feed + 1);
}

/// The first line and those that continue it.
std::string_view first_field(std::string_view octets) {
  std::size_t length = first_line(octets).size();
  while (length < octets.size() && text::octets::wsp.contains(octets[length])) {
    length += first_line(octets.substr(length)).size();
  }
  return octets.substr(0, length);
}

}  // namespace

std::vector<HeaderField> split_header(std::string_view header) {
  std::vector<HeaderField> fields;
  while (!header.empty() && !header.starts_with("\r\n") && !header.starts_with('\n')) {
    const auto octets = first_field(header);
    header.remove_prefix(octets.size());
    const auto colon = octets.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = text::trim(octets.substr(0, colon));
    constexpr text::OctetSet no_name = text::octets::ctl | text::OctetSet(" ");
    if (name.empty() || text::octets::wsp.contains(octets.front())) continue;
    text::Cursor in(name);
    if (in.take_until(no_name).size() == name.size()) fields.push_back({name, octets});
  }
  return fields;
}

std::string canonical_fields(std::span<const HeaderField> fields, std::span<const std::string> names,
                             Canonicalization how) {
  std::map<std::string_view, std::vector<const HeaderField*>, text::LessFold> left;
  for (const auto& field : fields) left[field.name].push_back(&field);
  std::string out;
  for (const auto& name : names) {
    const auto of_name = left.find(name);
    if (of_name == left.end() || of_name->second.empty()) continue;
    out += canonical_field(how, of_name->second.back()->octets);
    of_name->second.pop_back();
  }
  return out;
}

}  // namespace mailpod::mailauth
