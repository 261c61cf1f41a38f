#include <mailpod/transfer/mailbox_names.hpp>

#include <algorithm>
#include <array>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/modified_utf7.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::transfer {
namespace {

/// U+002E in modified base64. No writer of modified UTF-7 makes it, so it cannot be taken for another spelling.
constexpr std::string_view dot_in_level = "&AC4-";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (;;) {
    const auto at = text.find(from);
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    out.append(to);
    text.remove_prefix(at + from.size());
  }
}

struct Use {
  std::string_view name;
  std::string_view use;
};
constexpr std::array uses{
    Use{"Sent", "sent"},
    Use{"Sent Items", "sent"},
    Use{"Sent Messages", "sent"},
    Use{"Sent Mail", "sent"},
    Use{"Sent-Mail", "sent"},
    Use{"Drafts", "drafts"},
    Use{"Draft", "drafts"},
    Use{"Trash", "trash"},
    Use{"Deleted Items", "trash"},
    Use{"Deleted", "trash"},
    Use{"Deleted Messages", "trash"},
    Use{"Junk", "junk"},
    Use{"Junk E-mail", "junk"},
    Use{"Junk Email", "junk"},
    Use{"Spam", "junk"},
    Use{"Bulk Mail", "junk"},
    Use{"Archive", "archive"},
    Use{"Archives", "archive"},
};

}  // namespace

std::string write_folder_name(std::string_view mailbox) {
  std::string folder;
  for (;;) {
    const auto slash = mailbox.find('/');
    const auto level = text::write_modified_utf7(text::repaired_utf8(mailbox.substr(0, slash)));
    if (!folder.empty()) folder += '.';
    folder += replaced(*level, ".", dot_in_level);
    if (slash == std::string_view::npos) return folder;
    mailbox.remove_prefix(slash + 1);
  }
}

std::string parse_level_name(std::string_view level) {
  const auto with_dots = replaced(level, dot_in_level, ".");
  auto name = text::parse_modified_utf7(with_dots).value_or(text::repaired_utf8(with_dots));
  // A separator of ours cannot stand in a level.
  std::ranges::replace(name, '/', '_');
  return name;
}

std::string parse_folder_name(std::string_view folder) {
  std::string mailbox;
  for (;;) {
    const auto dot = folder.find('.');
    const auto level = parse_level_name(folder.substr(0, dot));
    if (!level.empty()) {
      if (!mailbox.empty()) mailbox += '/';
      mailbox += level;
    }
    if (dot == std::string_view::npos) return mailbox;
    folder.remove_prefix(dot + 1);
  }
}

std::string_view without_inbox(std::string_view mailbox) {
  constexpr std::string_view inbox = "INBOX/";
  return text::starts_with_fold(mailbox, inbox) ? mailbox.substr(inbox.size()) : mailbox;
}

std::string_view use_of_name(std::string_view mailbox) {
  const auto* const row =
      std::ranges::find_if(uses, [&](const Use& use) { return text::equal_fold(use.name, mailbox); });
  return row == uses.end() ? std::string_view() : row->use;
}

}  // namespace mailpod::transfer
