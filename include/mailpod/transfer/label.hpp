#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>

namespace mailpod::transfer {

/// A message's flags as IMAP spells them: `\Seen`, `$Forwarded`. RFC 9051 §2.3.2.
using FlagWords = std::vector<std::string>;

/// Adds a word, unless it is there in any case.
void add_word(FlagWords& words, std::string_view word);
bool has_word(const FlagWords& words, std::string_view word);

/// What goes with a message's octets from one store to another.
struct Label {
  base::Time date;  ///< IMAP's internal date; whole seconds
  FlagWords flags;
};

}  // namespace mailpod::transfer
