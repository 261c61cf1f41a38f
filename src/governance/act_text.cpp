#include <mailpod/governance/act_text.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/text/unicode.hpp>

namespace mailpod::governance {
namespace {

constexpr std::size_t longest_line = 900;  // RFC 5322 §2.1.1 allows 998 in mail
constexpr std::size_t longest_subject = 200;
constexpr std::string_view parties_word = "to ";
constexpr std::string_view salt_word = "salt ";

/// The last line of `octets`, taken away; nothing if they do not end in one.
std::optional<std::string_view> take_last_line(std::string_view& octets) {
  if (!octets.ends_with('\n')) return std::nullopt;
  const auto begin = octets.size() < 2 ? std::string_view::npos : octets.rfind('\n', octets.size() - 2);
  const auto start = begin == std::string_view::npos ? 0 : begin + 1;
  const auto line = octets.substr(start, octets.size() - start - 1);
  octets.remove_suffix(octets.size() - start);
  return line;
}

bool is_plain(std::string_view line) {
  const auto control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
  return line.size() <= longest_line && std::ranges::none_of(line, control);
}

bool are_plain_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !is_plain(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

/// Nothing if the line is none of this kind; an empty list if it is a bad one.
std::optional<std::vector<MemberId>> parties_in(std::string_view line) {
  if (!line.starts_with(parties_word)) return std::nullopt;
  std::vector<MemberId> out;
  line.remove_prefix(parties_word.size());
  while (out.size() < most_parties) {
    const auto word = line.substr(0, line.find(' '));
    const auto member = MemberId::parse(word);
    if (!member || member->str() != word || (!out.empty() && !(out.back() < *member))) return std::vector<MemberId>{};
    out.push_back(*member);
    if (word.size() == line.size()) return out;
    line.remove_prefix(word.size() + 1);
  }
  return std::vector<MemberId>{};
}

Complaint malformed(std::string_view file, std::string what) {
  return {Errc::text_malformed, std::string(file), 0, std::move(what),
          "have it made by `mailpod`: docs/care.md, Texts"};
}

}  // namespace

std::string write_act_text(const ActText& text) {
  std::string out = text.subject + "\n\n" + text.body + "\n";
  if (!text.parties.empty()) {
    out += "to";
    for (const auto& party : text.parties) out += " " + party.str();
    out += "\n";
  }
  return out + std::string(salt_word) + base::hex(base::octets(text.salt)) + "\n";
}

Verdict<ActText> parse_act_text(std::string_view octets, std::string_view file_name) {
  if (octets.size() > largest_act_text) return malformed(file_name, "has more than 49152 octets");
  if (!text::is_utf8(octets)) return malformed(file_name, "is not UTF-8");
  ActText out;
  auto rest = octets;
  const auto salt_line = take_last_line(rest);
  if (!salt_line || !salt_line->starts_with(salt_word)) return malformed(file_name, "does not end with its salt");
  const auto salt = base::unhex(salt_line->substr(salt_word.size()));
  const auto salt_octets = salt ? base::byte_array<32>(*salt) : std::nullopt;
  if (!salt_octets) return malformed(file_name, "has a salt that is not 64 hexadecimal digits");
  out.salt = *salt_octets;
  auto before = rest;
  const auto line = take_last_line(before);
  if (const auto parties = line ? parties_in(*line) : std::nullopt) {
    if (parties->empty()) return malformed(file_name, "names those concerned as nobody writes them");
    out.parties = *parties;
    rest = before;
  }
  const auto subject_end = rest.find('\n');
  if (subject_end == std::string_view::npos) return malformed(file_name, "has no subject");
  out.subject = rest.substr(0, subject_end);
  const auto body = rest.substr(subject_end + 1);
  if (out.subject.empty() || out.subject.size() > longest_subject || !is_plain(out.subject))
    return malformed(file_name, "has a subject that is no line of 1 to 200 octets");
  if (body.size() < 2 || !body.starts_with('\n') || !body.ends_with('\n'))
    return malformed(file_name, "has no empty lines around its body");
  out.body = body.substr(1, body.size() - 2);
  if (!are_plain_lines(out.body))
    return malformed(file_name, "has a line above 900 octets, or with control characters");
  if (write_act_text(out) != octets) return malformed(file_name, "is not written as Mailpod writes texts");
  return out;
}

}  // namespace mailpod::governance
