#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <mailpod/store/mailbox.hpp>

#include "dialect.hpp"
#include "sequence_set.hpp"

/// What responses are made of: each function appends to `out` and writes valid grammar whatever octets it is given.
namespace mailpod::imap {

void write_number(std::string& out, std::uint64_t number);

/// Quoted where that may hold the octets, or else a literal: a quoted string has no CR, LF, or octet beyond 127. NUL,
/// which neither may hold, becomes `?`. RFC 3501 §4.3.
void write_string(std::string& out, std::string_view octets);
void write_nstring(std::string& out, const std::optional<std::string>& octets);
/// An atom where that may hold the octets.
void write_astring(std::string& out, std::string_view octets);
/// A stored name, in the dialect's spelling: modified UTF-7 (RFC 3501 §5.1.3) or UTF-8 (RFC 9051 §5.1).
void write_mailbox(std::string& out, std::string_view name, const Dialect& dialect);

/// `(\Seen $Forwarded)`; `keywords` is the mailbox's table.
void write_flags(std::string& out, store::Flags flags, std::span<const std::string> keywords);
/// `(12121230045)`, the value of MODSEQ. RFC 7162 §3.1.4.2.
void write_mod_seq(std::string& out, store::ModSeq mod_seq);
/// `"17-Jul-1996 02:44:25 +0000"`, from seconds since 1970.
void write_internal_date(std::string& out, std::uint32_t seconds);
/// `4,7:9`
void write_range(std::string& out, const NumberRange& range);
void write_ranges(std::string& out, const NumberRanges& ranges);
/// The same from ascending UIDs.
void write_uid_set(std::string& out, std::span<const store::Uid> uids);

}  // namespace mailpod::imap
