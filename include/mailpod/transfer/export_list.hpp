#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The file `mailpod-export` in an exported folder: what the names of folders and files there cannot say. Text, a line
/// a mailbox: `PLACE TAB USE TAB subscribed|- TAB MAILBOX`, after the line `mailpod export 1`.
namespace mailpod::transfer {

inline constexpr std::string_view export_list_name = "mailpod-export";
inline constexpr std::size_t export_list_limit = 16 * 1024 * 1024;  ///< octets; 10,000 mailboxes of the longest names

struct ExportedMailbox {
  std::string place;  ///< folder or file; `.` for the folder itself
  std::string use;    ///< `sent`, `drafts`, `trash`, `junk`, `archive`, or empty
  bool subscribed = true;
  std::string name;  ///< UTF-8, levels separated by `/`
};

std::string write_export_list(const std::vector<ExportedMailbox>& mailboxes);
/// Nothing if it is none, or of a later version. Lines that are not understood are passed over.
std::optional<std::vector<ExportedMailbox>> parse_export_list(std::string_view file);

}  // namespace mailpod::transfer
