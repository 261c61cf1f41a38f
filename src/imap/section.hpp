#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/message/structure.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::imap {

/// What stands between the brackets of BODY[…], and the octets asked for. RFC 3501 §6.4.5, §9 "section".
struct Section {
  enum class Fields { all, only, all_but };

  std::vector<std::uint32_t> part;  ///< `1.2`; empty: the message itself
  message::SectionText text = message::SectionText::content;
  Fields fields = Fields::all;     ///< HEADER, HEADER.FIELDS or HEADER.FIELDS.NOT
  std::vector<std::string> names;  ///< of header fields, as the client spelled them

  struct Partial {
    std::uint64_t first;  ///< octet, from 0
    std::uint64_t count;  ///< not 0
  };
  std::optional<Partial> partial;
};

struct SectionLimits {
  std::size_t depth = 100;  ///< numbers in the part: no message that the scanner understands is deeper
  std::size_t header_fields;
};

/// From `[` to `]`, and `<0.2048>` if it is there.
text::Parsed<Section> parse_section(text::Cursor& in, const SectionLimits& limits);

/// `[1.HEADER.FIELDS (Date From)]<0>`, as the response repeats it.
void write_section(std::string& out, const Section& section);

/// Of a header's octets, the fields that the section wants, with the blank line at its end if there is one.
std::string wanted_fields(std::string_view header, const Section& section);

}  // namespace mailpod::imap
