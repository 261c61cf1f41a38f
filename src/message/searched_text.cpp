#include <mailpod/message/searched_text.hpp>

#include <algorithm>
#include <utility>

#include <mailpod/message/header_fields.hpp>
#include <mailpod/text/unicode.hpp>

#include "read_text.hpp"

namespace mailpod::message {
namespace {

using Place = TextReader::Place;

constexpr std::uint64_t most_header_octets = 1024 * 1024;
constexpr std::size_t piece_octets = 64 * 1024;
constexpr int deepest = 200;  // deeper than the scanner lets a message be

void read_fields(const base::OctetSource& message, const Part& part, Place place, TextReader& reader) {
  const auto octets = read_header(message, part);
  std::string_view header = octets;
  SpelledField field;
  while (take_field(header, field)) {
    std::string line(field.name);
    line += ": ";
    line += decode_header_value(field.value);
    reader.begin(place);
    reader.more(text::fold(line));
  }
}

void read_text(const base::OctetSource& message, const Part& part, TextReader& reader) {
  ReadText reading(part);
  std::string piece(piece_octets, '\0');
  reader.begin(Place::body);
  for (auto at = part.body.begin; at < part.body.end && !reader.has_enough();) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), part.body.end - at));
    const auto count = message.read_at(at, std::span<char>(piece.data(), wanted));
    if (count == 0) break;
    at += count;
    reader.more(text::fold(reading.feed(std::string_view(piece).substr(0, count))));
  }
  reader.more(text::fold(reading.finish()));
}

void read_part(const base::OctetSource& message, const Part& part, int depth, TextReader& reader) {
  if (depth > deepest || reader.has_enough()) return;
  if (part.type == "text") read_text(message, part, reader);
  for (const auto& child : part.children) {
    if (part.holds_message()) read_fields(message, child, Place::body, reader);
    read_part(message, child, depth + 1, reader);
  }
}

}  // namespace

std::string read_header(const base::OctetSource& message, const Part& part) {
  std::string header(static_cast<std::size_t>(std::min(part.header.size(), most_header_octets)), '\0');
  header.resize(message.read_at(part.header.begin, header));
  return header;
}

void read_searched_text(const base::OctetSource& message, const Structure& structure, TextReader& reader) {
  read_fields(message, structure.root, Place::header, reader);
  read_part(message, structure.root, 0, reader);
}

std::string written_addresses(const std::vector<EnvelopeAddress>& addresses) {
  std::string all;
  for (const auto& address : addresses) {
    if (address.name) all += decode_header_value(*address.name) + ' ';
    all += '<' + address.mailbox.value_or("");
    if (address.host) all += '@' + *address.host;
    all += "> ";
  }
  return all;
}

}  // namespace mailpod::message
