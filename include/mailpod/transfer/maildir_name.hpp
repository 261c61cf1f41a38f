#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/transfer/label.hpp>

/// Names of files in a Maildir: `1796000000.V7U21.mailpod,S=1203,W=1240:2,RSa`. cr.yp.to/proto/maildir.html; sizes and
/// keyword letters as Dovecot writes them.
namespace mailpod::transfer {

/// The keywords that the letters a–z mean in one folder; its file dovecot-keywords. Empty text: no such letter.
using KeywordLetters = std::vector<std::string>;

inline constexpr std::size_t keyword_letters = 26;

/// Lines of `number SP keyword`; others are passed over.
KeywordLetters parse_dovecot_keywords(std::string_view file);
std::string write_dovecot_keywords(const KeywordLetters& letters);

/// What a name says of a message.
struct MaildirName {
  std::string unique;  ///< up to the colon, without `,S=` and what follows it
  FlagWords flags;
  std::optional<std::uint64_t> seconds;  ///< since 1970: the name's time part
  bool ours = false;                     ///< Mailpod wrote it, so `seconds` is the internal date
  std::optional<std::uint64_t> size;     ///< S: octets of the file
  bool exact = false;                    ///< S and W are the same: its line ends are the message's own
};
/// Nothing for what is no message: a name that is empty or begins with a dot. Any octets may stand in it.
std::optional<MaildirName> parse_maildir_name(std::string_view name, const KeywordLetters& letters);

/// Which message of which vault: never used twice, and the same however often it is exported.
struct MessageNumber {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
};
/// The part that is the message's for good.
std::string write_unique_name(const Label& label, MessageNumber number);
/// The whole name. `file_octets`: of the file; `mail_octets`: of the message.
std::string write_maildir_name(const std::string& unique, const FlagWords& flags, const KeywordLetters& letters,
                               std::uint64_t file_octets, std::uint64_t mail_octets);

}  // namespace mailpod::transfer
