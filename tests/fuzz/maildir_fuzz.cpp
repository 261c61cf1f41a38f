// Any octets as names and small files of a Maildir. What we write of what we read is read the same.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/text/unicode.hpp>
#include <mailpod/transfer/export_list.hpp>
#include <mailpod/transfer/mailbox_names.hpp>
#include <mailpod/transfer/maildir_name.hpp>

using namespace mailpod;
using namespace mailpod::transfer;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void names_of_folders(std::string_view octets) {
  const auto mailbox = parse_folder_name(octets);
  require(text::is_utf8(mailbox));
  require(!mailbox.starts_with('/') && !mailbox.ends_with('/') && mailbox.find("//") == std::string::npos);
  const auto folder = write_folder_name(mailbox);
  require(folder.find('/') == std::string::npos && text::is_utf8(folder));
  require(parse_folder_name(folder) == mailbox);
  require(text::is_utf8(parse_level_name(octets)));
  use_of_name(without_inbox(mailbox));
}

void lists(std::string_view octets) {
  const auto list = parse_export_list(octets);
  if (!list) return;
  const auto again = parse_export_list(write_export_list(*list));
  require(again && again->size() == list->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  names_of_folders(octets);
  lists(octets);
  const auto end = std::min(octets.find('\0'), octets.size());
  const auto letters = parse_dovecot_keywords(octets.substr(0, end));
  require(letters.size() <= keyword_letters);
  require(parse_dovecot_keywords(write_dovecot_keywords(letters)).size() <= letters.size());
  const auto name = parse_maildir_name(octets.substr(std::min(end + 1, octets.size())), letters);
  if (!name) return 0;
  const Label label{base::from_seconds(name->seconds.value_or(1) % 4'000'000'000), name->flags};
  const auto unique = write_unique_name(label, {1, 2});
  const auto again = parse_maildir_name(write_maildir_name(unique, name->flags, letters, 3, 4), letters);
  require(again && again->ours && again->unique == unique && again->size == 3 && !again->exact);
  for (const auto& word : name->flags) require(has_word(again->flags, word));
  return 0;
}
