#include "header_reader.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "lexer.hpp"

namespace mailpod::message {
namespace {

constexpr std::size_t max_name = 100;

/// ftext of RFC 5322 §2.2.
constexpr text::OctetSet ftext = text::octets::vchar - text::OctetSet(":");

}  // namespace

std::optional<std::string_view> field_name(std::string_view line) {
  text::Cursor in(line);
  const auto name = in.take_while(ftext, max_name);
  if (name.empty()) return std::nullopt;
  in.skip_wsp();  // RFC 5322 §4.5: `From :` is From
  if (!in.take(':')) return std::nullopt;
  return name;
}

void HeaderReader::restart() {
  rest_ = settings_.header_octets;
  open_ = false;
}

HeaderReader::Kind HeaderReader::kind_of(const Line& line) {
  if (!line.kept.empty() && text::octets::wsp.contains(line.kept.front())) return Kind::continuation;
  return field_name(line.kept) ? Kind::field : Kind::malformed;
}

void HeaderReader::begin_field(const Line& line) {
  const auto name = field_name(line.kept);
  if (!name) return;
  const std::size_t colon = line.kept.find(':', name->size());
  open_ = true;
  value_.clear();
  current_ = {};
  current_.known = known_field_for(*name);
  current_.place = {std::string(*name), line.begin, {line.begin + colon + 1, line.end}};
  append(line.kept.substr(colon + 1), line.is_cut());
}

bool HeaderReader::continue_field(const Line& line) {
  if (!open_) return false;
  current_.place.value.end = line.end;
  append(line.kept, line.is_cut());
  return true;
}

void HeaderReader::append(std::string_view octets, bool cut) {
  if (current_.known == KnownField::none || current_.known == KnownField::received) return;
  const std::size_t room = std::min(rest_, settings_.field_octets - value_.size());
  if (cut || octets.size() > room) current_.truncated = true;
  octets = octets.substr(0, room);
  value_ += octets;
  rest_ -= octets.size();
}

const ReadField* HeaderReader::field() {
  if (!open_) return nullptr;
  open_ = false;
  current_.name = current_.place.name;
  current_.value = value_;
  return &current_;
}

}  // namespace mailpod::message
