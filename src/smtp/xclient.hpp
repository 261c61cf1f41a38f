#pragma once

#include <string>

#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

/// What a proxy says of its client. Postfix's XCLIENT_README.
struct Xclient {
  std::string address;  ///< numeric, as inet_ntop writes it; empty: not said
  std::string helo;     ///< printable; empty: not said
};

/// `*(attribute=value)`, at least one, none twice, values in xtext. NAME and PORT are read and not used: names are
/// found out by who believes them. LOGIN is none of the attributes: logging in takes a secret, not a word.
text::Parsed<Xclient> parse_xclient(std::string_view arguments);

}  // namespace mailpod::smtp
