#include <mailpod/message/searched_text.hpp>

#include <algorithm>
#include <utility>

#include <mailpod/message/attached_text.hpp>
#include <mailpod/message/header_fields.hpp>
#include <mailpod/text/unicode.hpp>

#include "read_text.hpp"

namespace mailpod::message {
namespace {

using Place = TextReader::Place;

constexpr std::uint64_t most_header_octets = 1024 * 1024;
constexpr std::size_t piece_octets = 64 * 1024;
constexpr std::size_t packed_octets = 1024;  // which may unpack to a thousand times as many
constexpr int deepest = 200;                 // deeper than the scanner lets a message be

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

/// Tells `reader` what `reading` makes of a part's octets, `step` by step of them.
template <class Reading>
void read_body(const base::OctetSource& message, const Part& part, Reading& reading, std::size_t step,
               TextReader& reader) {
  std::string piece(piece_octets, '\0');
  reader.begin(Place::body);
  for (auto at = part.body.begin; at < part.body.end && !reader.has_enough() && !reading.is_over();) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), part.body.end - at));
    const auto count = message.read_at(at, std::span<char>(piece.data(), wanted));
    if (count == 0) break;
    at += count;
    for (auto rest = std::string_view(piece).substr(0, count); !rest.empty() && !reader.has_enough();) {
      reader.more(text::fold(reading.feed(rest.substr(0, step))));
      rest.remove_prefix(std::min(step, rest.size()));
    }
  }
  reader.more(text::fold(reading.finish()));
}

/// One walk through a message.
class Walk {
public:
  Walk(const base::OctetSource& message, Searched searched, TextReader& reader)
      : message_(message), searched_(searched), reader_(reader) {}

  void read_part(const Part& part, int depth) {
    if (depth > deepest || reader_.has_enough()) return;
    read_own_text(part);
    for (const auto& child : part.children) {
      if (part.holds_message()) read_fields(message_, child, Place::body, reader_);
      read_part(child, depth + 1);
    }
  }

private:
  void read_own_text(const Part& part) {
    const auto form = searched_ == Searched::attachments ? attached_form(part) : std::nullopt;
    if (searched_ == Searched::attachments) read_name(part);
    if (form) {
      AttachedText text(*form, part, budget_);
      read_body(message_, part, text, *form == AttachedForm::office ? packed_octets : piece_octets, reader_);
    } else if (part.type == "text") {
      ReadText text(part);
      read_body(message_, part, text, piece_octets, reader_);
    }
  }

  void read_name(const Part& part) {
    const auto name = attached_name(part);
    if (name.empty()) return;
    reader_.begin(Place::body);
    reader_.more(text::fold(name));
  }

  const base::OctetSource& message_;
  const Searched searched_;
  TextReader& reader_;
  AttachmentBudget budget_;
};

}  // namespace

std::string read_header(const base::OctetSource& message, const Part& part) {
  std::string header(static_cast<std::size_t>(std::min(part.header.size(), most_header_octets)), '\0');
  header.resize(message.read_at(part.header.begin, header));
  return header;
}

void read_searched_text(const base::OctetSource& message, const Structure& structure, Searched searched,
                        TextReader& reader) {
  read_fields(message, structure.root, Place::header, reader);
  Walk(message, searched, reader).read_part(structure.root, 0);
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
