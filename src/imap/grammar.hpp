#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"

/// The rules of RFC 3501 §9 that several commands share, each named as there. A literal stands in the request as it was
/// sent, `{5}` CRLF and its octets, so that one cursor reads a whole command.
namespace mailpod::imap {

namespace octets {
inline constexpr text::OctetSet list_wildcards = text::OctetSet("%*");
inline constexpr text::OctetSet quoted_specials = text::OctetSet("\"\\");
inline constexpr text::OctetSet atom_char =
    text::octets::vchar - text::OctetSet("(){") - list_wildcards - quoted_specials - text::OctetSet("]");
inline constexpr text::OctetSet astring_char = atom_char | text::OctetSet("]");
inline constexpr text::OctetSet list_char = astring_char | list_wildcards;
inline constexpr text::OctetSet tag = astring_char - text::OctetSet("+");
}  // namespace octets

text::Parsed<std::string> parse_tag(text::Cursor& in);
text::Parsed<std::string> parse_atom(text::Cursor& in);
/// Quoted or literal.
text::Parsed<std::string> parse_string(text::Cursor& in);
text::Parsed<std::string> parse_astring(text::Cursor& in);
/// NIL is nothing.
text::Parsed<std::optional<std::string>> parse_nstring(text::Cursor& in);

/// The name as the store spells it: UTF-8 (from modified UTF-7 in the dialect that has it), NFC, INBOX in capitals
/// (also as the first level).
text::Parsed<std::string> parse_mailbox(text::Cursor& in, const Dialect& dialect);
/// The same for a name that is UTF-8 already; nothing if it is not.
std::optional<std::string> stored_mailbox_name(std::string_view utf8);
/// A name, and what the client called it, in UTF-8: the two differ where the store has another spelling.
struct NamedMailbox {
  std::string name;
  std::string as_given;
};
text::Parsed<NamedMailbox> parse_named_mailbox(text::Cursor& in, const Dialect& dialect);
/// A pattern with `%` and `*`, otherwise spelled like a mailbox.
text::Parsed<std::string> parse_list_mailbox(text::Cursor& in, const Dialect& dialect);

/// Flags as a client names them: system flags as the store's bits, keywords as spelled.
struct FlagList {
  std::uint32_t system = 0;
  std::vector<std::string> keywords;
};
/// `(` [flag *(SP flag)] `)`. Unknown flags with a backslash are passed over: a server may ignore flags that it cannot
/// keep (RFC 3501 §7.1 PERMANENTFLAGS). \Recent is no flag that a client may name.
text::Parsed<FlagList> parse_flag_list(text::Cursor& in);
/// STORE's flags: a list, or flags without parentheses.
text::Parsed<FlagList> parse_store_flags(text::Cursor& in);
/// One keyword, an atom.
text::Parsed<std::string> parse_keyword(text::Cursor& in);

/// `1-Feb-1994`, with or without quotes.
text::Parsed<std::chrono::sys_days> parse_date(text::Cursor& in);
/// `" 7-Feb-1994 21:52:25 -0800"`, quotes included.
text::Parsed<base::Time> parse_date_time(text::Cursor& in);

/// Not above 2³²−1.
text::Parsed<std::uint32_t> parse_number(text::Cursor& in);
text::Parsed<std::uint32_t> parse_nz_number(text::Cursor& in);
/// Not above 2⁶³−1: RFC 9051 §9, which allows it where RFC 3501 has numbers of octets.
text::Parsed<std::uint64_t> parse_number64(text::Cursor& in);
/// A mod-sequence-valzer, below 2⁶³. RFC 7162 §7.
text::Parsed<store::ModSeq> parse_mod_seq(text::Cursor& in);

/// A literal announced at the end of a line: `{310}`, `{310+}`. RFC 7888 §3.
struct LiteralMark {
  std::uint64_t octets;  ///< what does not fit is 2⁶⁴−1
  bool synchronizing;    ///< the client waits for `+`
  std::size_t begin;     ///< where its `{` stands in the line
};
std::optional<LiteralMark> literal_mark_at_end(std::string_view line);

}  // namespace mailpod::imap
