#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// What of a message is looked at beside its headers.
enum class Searched : std::uint8_t {
  texts,        ///< its parts of type text, shown or attached
  attachments,  ///< the names of attachments too, and the text of those in which it can be read: AttachedForm
};

/// Who is told what search looks at in a message. The scan and the index are both told by read_searched_text(), so that
/// neither knows of a text that the other does not.
class TextReader {
public:
  virtual ~TextReader() = default;
  enum class Place {
    header,  ///< of the message itself
    body,    ///< its parts that are searched, decoded (of HTML what a person reads), and the headers of messages within
  };
  /// A text begins: a field of a header, or one part. No match goes from one text into another.
  virtual void begin(Place place) = 0;
  /// The next of its octets, by text::fold(); ends between characters. Borrowed.
  virtual void more(std::string_view folded) = 0;
  /// Asked between pieces: nothing more is wanted.
  virtual bool has_enough() const = 0;
};

/// Reads what search looks at, in pieces of 64 KiB; of a header 1 MiB at most; of attachments what AttachmentBudget
/// lets be read. Linear; memory does not grow with the message. Throws what the source throws.
void read_searched_text(const base::OctetSource& message, const Structure& structure, Searched searched,
                        TextReader& reader);

/// The header's octets of a part, 1 MiB of them at most.
std::string read_header(const base::OctetSource& message, const Part& part);

/// Name and address of each, as a person would write them and FROM, TO, CC and BCC compare: `Ann <ann@example.org> `.
std::string written_addresses(const std::vector<EnvelopeAddress>& addresses);

}  // namespace mailpod::message
