#pragma once

#include <array>
#include <string_view>

#include <mailpod/transfer/label.hpp>

/// The header fields in which mbox programs keep what is no part of the mail.
namespace mailpod::transfer {

struct StatusLetter {
  char letter;
  std::string_view word;
};
/// Of X-Status, as mutt, Dovecot and c-client write them.
inline constexpr std::array status_letters{StatusLetter{'A', "\\Answered"}, StatusLetter{'D', "\\Deleted"},
                                           StatusLetter{'F', "\\Flagged"}, StatusLetter{'T', "\\Draft"}};

/// Whether a field of this name is a program's own and no part of the mail.
bool is_status_field(std::string_view name);
/// What its value says; nothing for those that hold no flags.
void read_status_field(std::string_view name, std::string_view value, FlagWords& flags);

}  // namespace mailpod::transfer
