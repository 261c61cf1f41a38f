#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"

/// Entries of RFC 5464, of a mailbox or of the server.
namespace mailpod::imap {

/// An entry's name, in lower case: `/private/comment`. RFC 5464 §3.1.
text::Parsed<std::string> parse_entry(text::Cursor& in, const Dialect& dialect);
/// Whether `/private` and `/shared` may be named too, which are no entries and have all entries below them.
enum class Above { refused, taken };
/// One, or a list of them in parentheses.
text::Parsed<std::vector<std::string>> parse_entries(text::Cursor& in, const Dialect& dialect,
                                                     Above above = Above::refused);
/// nstring or literal8.
text::Parsed<std::optional<std::string>> parse_annotation_value(text::Cursor& in);

/// All that is told of a mailbox: its annotations, and its special use as one of them, which it is whoever set it and
/// how. Nothing of no mailbox; nullptr: there are none. RFC 6154 §4.
std::shared_ptr<const store::Annotations> told_annotations(const store::MailboxState* mailbox);

/// A string, or a literal8 where only that may hold the octets.
void write_annotation_value(std::string& out, std::string_view value);

/// The values of the server's entries are the vault's own: nobody else has this server. `mailbox` as it is written in
/// the response, empty for the server. Each entry is told, with NIL if it has no value. Appends `* METADATA …`.
void write_metadata(std::string& out, std::string_view mailbox, const std::vector<std::string>& entries,
                    const store::Annotations* annotations, const Dialect& dialect);

}  // namespace mailpod::imap
