#include <mailpod/transfer/maildir_name.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>

namespace mailpod::transfer {
namespace {

struct Letter {
  char letter;
  std::string_view word;
};
/// In the order of ASCII, as they stand in a name.
constexpr std::array letters_of_flags{
    Letter{'D', "\\Draft"},    Letter{'F', "\\Flagged"}, Letter{'P', "$Forwarded"},
    Letter{'R', "\\Answered"}, Letter{'S', "\\Seen"},    Letter{'T', "\\Deleted"},
};

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

/// Some file systems have no colon in names, so programs there write another sign.
std::size_t end_of_unique(std::string_view name) {
  for (const std::string_view sign : {":2,", "!2,", ";2,"}) {
    if (const auto at = name.rfind(sign); at != std::string_view::npos) return at;
  }
  return name.size();
}

/// The first of the parts `,KEY=number`.
std::optional<std::uint64_t> size_in(std::string_view unique, std::string_view key) {
  const auto at = unique.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto value = unique.substr(at + key.size());
  return number(value.substr(0, value.find(',')));
}

}  // namespace

KeywordLetters parse_dovecot_keywords(std::string_view file) {
  KeywordLetters letters;
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    auto line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const auto index = number(line.substr(0, space));
    if (!index || *index >= keyword_letters) continue;
    if (letters.size() <= *index) letters.resize(static_cast<std::size_t>(*index) + 1);
    letters[static_cast<std::size_t>(*index)] = line.substr(space + 1);
  }
  return letters;
}

std::string write_dovecot_keywords(const KeywordLetters& letters) {
  std::string file;
  for (std::size_t i = 0; i < letters.size() && i < keyword_letters; ++i) {
    if (!letters[i].empty()) file += fmt::format("{} {}\n", i, letters[i]);
  }
  return file;
}

std::optional<MaildirName> parse_maildir_name(std::string_view name, const KeywordLetters& letters) {
  if (name.empty() || name.front() == '.') return std::nullopt;
  MaildirName parsed;
  const auto end = end_of_unique(name);
  const auto before = name.substr(0, end);
  parsed.unique = before.substr(0, before.find(",S="));
  parsed.seconds = number(before.substr(0, before.find('.')));
  parsed.ours = parsed.unique.ends_with(".mailpod") && parsed.seconds;
  parsed.size = size_in(before, ",S=");
  parsed.exact = parsed.size && parsed.size == size_in(before, ",W=");
  if (end == name.size()) return parsed;
  for (const char letter : name.substr(end + 3)) {
    const auto* const row = std::ranges::find(letters_of_flags, letter, &Letter::letter);
    if (row != letters_of_flags.end()) add_word(parsed.flags, row->word);
    if (letter < 'a' || letter > 'z') continue;
    const auto index = static_cast<std::size_t>(letter - 'a');
    if (index < letters.size()) add_word(parsed.flags, letters[index]);
  }
  return parsed;
}

std::string write_unique_name(const Label& label, MessageNumber number) {
  return fmt::format("{}.V{}U{}.mailpod", base::to_seconds(label.date), number.uid_validity, number.uid);
}

std::string write_maildir_name(const std::string& unique, const FlagWords& flags, const KeywordLetters& letters,
                               std::uint64_t file_octets, std::uint64_t mail_octets) {
  std::string name = fmt::format("{},S={},W={}:2,", unique, file_octets, mail_octets);
  for (const auto& row : letters_of_flags) {
    if (has_word(flags, row.word)) name += row.letter;
  }
  for (std::size_t i = 0; i < letters.size() && i < keyword_letters; ++i) {
    if (!letters[i].empty() && has_word(flags, letters[i])) name += static_cast<char>('a' + i);
  }
  return name;
}

}  // namespace mailpod::transfer
