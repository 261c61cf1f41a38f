#pragma once

#include <string_view>

/// Files beside cur/, new/ and tmp/ of a Maildir.
namespace mailpod::transfer {

inline constexpr std::string_view keywords_file = "dovecot-keywords";
/// Keywords for which the 26 letters were not enough: lines of `UNIQUE KEYWORD`.
inline constexpr std::string_view further_keywords_file = "mailpod-keywords";
inline constexpr std::size_t small_file = 64 * 1024;            ///< octets; 26 lines
inline constexpr std::size_t further_limit = 64 * 1024 * 1024;  ///< octets

}  // namespace mailpod::transfer
