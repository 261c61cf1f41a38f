#pragma once

#include <string>
#include <string_view>

/// What other programs call mailboxes. Ours are UTF-8 with levels separated by `/`.
namespace mailpod::transfer {

/// The longest name that a file may have, in octets.
inline constexpr std::size_t file_name_limit = 255;

/// `Archive/2024` as a Maildir++ folder without its leading dot: `Archive.2024`, levels in modified UTF-7, a dot inside
/// a level as `&AC4-`. The result may be longer than a file name.
std::string write_folder_name(std::string_view mailbox);
/// The mailbox of such a folder. Never fails: what is no modified UTF-7 is taken for UTF-8, and repaired. Levels that
/// are empty fall away; the answer is empty if nothing is left.
std::string parse_folder_name(std::string_view folder);
/// The same of one level, in which dots mean nothing.
std::string parse_level_name(std::string_view level);

/// Without Courier's first level, in which everything lies that is not INBOX itself: `INBOX/Sent` is `Sent`.
std::string_view without_inbox(std::string_view mailbox);

/// `sent`, `drafts`, `trash`, `junk` or `archive` for a name that some program gives such a mailbox (Dovecot,
/// Thunderbird, Courier, Outlook, Apple Mail); else empty.
std::string_view use_of_name(std::string_view mailbox);

}  // namespace mailpod::transfer
