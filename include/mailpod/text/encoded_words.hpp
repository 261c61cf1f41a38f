#pragma once

#include <string>
#include <string_view>

namespace mailpod::text {

/// An unfolded header value as UTF-8: encoded-words decoded (RFC 2047, with RFC 2231 §5's language), white space
/// between neighbours dropped, a character split over two words of one charset joined, as real mail has it. Words that
/// cannot be decoded stay as they are; octets beyond ASCII are read as UTF-8 if they are that, else as windows-1252.
/// Never fails; linear; the result is always valid UTF-8.
std::string decode_encoded_words(std::string_view value);

/// `utf8` for an unstructured header or a display name: as it is if it is plain printable ASCII that no one could take
/// for an encoded-word, else in UTF-8 encoded-words of at most 75 characters, one SP between them (RFC 2047 §2).
std::string write_encoded_words(std::string_view utf8);

}  // namespace mailpod::text
