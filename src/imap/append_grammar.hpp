#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "grammar.hpp"

namespace mailpod::imap {

/// A message begins, with what APPEND says of it. RFC 3501 §6.3.11.
struct MessageBegins {
  FlagList flags;
  std::optional<base::Time> internal_date;
};
/// Octets of the message come as a literal. RFC 3501 §9, RFC 3516 §7.
struct LiteralPart {
  enum class Octets { text, binary };
  Octets octets;  ///< `binary` may hold NUL: `~{5}`
  bool is_whole;  ///< there are no other parts
};
/// Octets of the message are those that a URL names. RFC 4469 §3.
struct UrlPart {
  std::string url;
};
struct MessageEnds {};
using AppendStep = std::variant<MessageBegins, LiteralPart, UrlPart, MessageEnds>;

/// The messages of APPEND and REPLACE as their grammar has them: `append-message`, one or several (RFC 3502), each a
/// literal, a CATENATE (RFC 4469 §5) or UTF8 (RFC 6855 §4).
///
/// It is read in stretches: one ends where a literal begins, or with the command. Copies read on independently.
class AppendGrammar {
public:
  struct Limits {
    std::size_t messages;
    std::size_t parts;  ///< literals and URLs, of all the messages
  };
  AppendGrammar(const Dialect& dialect, Limits limits) : dialect_(&dialect), limits_(limits) {}

  struct Stretch {
    std::vector<AppendStep> steps;
    bool literal_follows = false;  ///< of the last LiteralPart; else the command is complete
  };
  /// The next stretch, to the end of `in`.
  text::Parsed<Stretch> read(text::Cursor& in);
  /// Whether the octets are a stretch that the message's literal follows.
  bool awaits_literal(text::Cursor in) const;

private:
  using MaybeError = std::optional<text::ParseError>;
  MaybeError read_message(text::Cursor& in, Stretch& stretch);
  MaybeError read_part(text::Cursor& in, Stretch& stretch);
  MaybeError read_literal(text::Cursor& in, Stretch& stretch);
  MaybeError read_utf8(text::Cursor& in, Stretch& stretch);
  MaybeError count_part(const text::Cursor& in);

  const Dialect* dialect_;
  Limits limits_;
  std::size_t messages_ = 0;
  std::size_t parts_ = 0;
  bool in_catenate_ = false;
  bool utf8_is_open_ = false;  ///< a parenthesis closes behind the literal
};

}  // namespace mailpod::imap
