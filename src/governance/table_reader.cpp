#include "table_reader.hpp"

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>

namespace mailpod::governance {

void Findings::complain(Errc code, std::size_t line, std::string what, std::string remedy) {
  if (!complaint_) complaint_ = Complaint{code, file_, line, std::move(what), std::move(remedy)};
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  char before = '.';
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else if (letter || (c == '-' && label > 0)) {
      if (++label > 63) return false;
    } else {
      return false;
    }
    before = c;
  }
  return label > 0 && before != '-';
}

std::vector<std::string> TableReader::keys() const {
  std::vector<std::string> out;
  out.reserve(table_.entries.size());
  for (const auto& [key, value] : table_.entries) out.push_back(key);
  return out;
}

std::size_t TableReader::line_of(std::string_view key) const {
  const auto found = table_.entries.find(key);
  return found == table_.entries.end() ? table_.line : found->second.line;
}

std::string TableReader::label(std::string_view key) const {
  return name_.empty() ? fmt::format("`{}`", key) : fmt::format("`{}` of {}", key, name_);
}

void TableReader::refuse(std::string_view key, const std::string& what, std::string remedy) {
  findings_.complain(Errc::bad_value, line_of(key), label(key) + " " + what, std::move(remedy));
}

const TomlValue* TableReader::take(std::string_view key) {
  taken_.emplace(key);
  const auto found = table_.entries.find(key);
  return found == table_.entries.end() ? nullptr : &found->second;
}

template <class T>
const T* TableReader::take_as(std::string_view key, std::string_view kind) {
  const TomlValue* value = take(key);
  if (value == nullptr) {
    findings_.complain(Errc::missing_key, table_.line, label(key) + " is missing", fmt::format("add {}", kind));
    return nullptr;
  }
  const T* typed = std::get_if<T>(&value->value);
  if (typed == nullptr) refuse(key, "has another kind of value", fmt::format("write {}", kind));
  return typed;
}

std::string TableReader::text(std::string_view key, TextRule rule) {
  const auto* value = take_as<std::string>(key, "a string");
  if (value == nullptr) return {};
  if (value->size() > rule.longest) refuse(key, "is too long", fmt::format("at most {} octets", rule.longest));
  for (const char octet : *value) {
    const auto code = static_cast<unsigned char>(octet);
    const bool line_end = rule.lines == TextRule::Lines::many && (octet == '\n' || octet == '\t');
    if ((code < 0x20 || code == 0x7f) && !line_end) refuse(key, "has a control character", "remove it");
  }
  return *value;
}

std::string TableReader::domain(std::string_view key) {
  std::string value = text(key, {.longest = 253});
  if (findings_.ok() && !is_domain(value)) refuse(key, "is no host name", "write it in lower case, IDNs as xn--");
  return value;
}

std::vector<std::string> TableReader::domains(std::string_view key, std::size_t most) {
  std::vector<std::string> out;
  if (!has(key)) {
    taken_.emplace(key);
    return out;
  }
  const auto* items = take_as<std::vector<TomlValue>>(key, "a list of host names");
  if (items == nullptr) return out;
  if (items->size() > most) refuse(key, "has too many entries", fmt::format("at most {}", most));
  for (const auto& item : *items) {
    const auto* name = std::get_if<std::string>(&item.value);
    if (name == nullptr || !is_domain(*name)) {
      refuse(key, "has an entry that is no host name", "write them as strings in lower case");
      return out;
    }
    out.push_back(*name);
  }
  return out;
}

std::vector<std::string> TableReader::texts(std::string_view key, std::size_t most) {
  std::vector<std::string> out;
  const auto* items = take_as<std::vector<TomlValue>>(key, "a list of strings");
  if (items == nullptr) return out;
  if (items->empty() || items->size() > most)
    refuse(key, "is no list of the right length", fmt::format("1 to {} entries", most));
  for (const auto& item : *items) {
    const auto* given = std::get_if<std::string>(&item.value);
    if (given == nullptr) {
      refuse(key, "has an entry that is no string", "write each in quotation marks");
      return out;
    }
    out.push_back(*given);
  }
  return out;
}

std::uint64_t TableReader::number(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const auto* value = take_as<std::int64_t>(key, "a whole number");
  if (value == nullptr) return 0;
  const auto given = static_cast<std::uint64_t>(*value);
  if (*value < 0 || given < least || given > most) {
    refuse(key, "is out of range", fmt::format("{} to {}", least, most));
    return 0;
  }
  return given;
}

void TableReader::optional_number(std::string_view key, std::uint32_t& into, std::uint64_t least, std::uint64_t most) {
  if (has(key)) into = static_cast<std::uint32_t>(number(key, least, most));
}

base::Time TableReader::time(std::string_view key) {
  const auto* value = take_as<base::Time>(key, "a time such as 2026-11-23T08:00:00Z (UTC, whole seconds)");
  return value == nullptr ? base::Time{} : *value;
}

std::string TableReader::hex(std::string_view key, std::size_t size) {
  const std::string digits = text(key);
  const auto octets = base::unhex(digits);
  if (octets && octets->size() == size && base::hex(*octets) == digits) return *octets;
  if (findings_.ok()) refuse(key, "is malformed", fmt::format("write {} lower-case hexadecimal digits", 2 * size));
  return std::string(size, '\0');
}

crypto::minisign::PublicKey TableReader::public_key(std::string_view key) {
  const auto given = crypto::minisign::parse_public_key(text(key));
  if (given) return *given;
  refuse(key, "is no minisign public key", "copy the second line of the .pub file, 56 characters: RW…");
  return {};
}

const TomlTable* TableReader::table(std::string_view key) {
  if (!has(key)) {
    taken_.emplace(key);
    return nullptr;
  }
  return take_as<TomlTable>(key, fmt::format("a section [{}]", key));
}

std::vector<const TomlTable*> TableReader::tables(std::string_view key, std::size_t most) {
  std::vector<const TomlTable*> out;
  const auto* items = take_as<std::vector<TomlValue>>(key, fmt::format("sections [[{}]]", key));
  if (items == nullptr) return out;
  if (items->size() > most) refuse(key, "has too many entries", fmt::format("at most {}", most));
  for (const auto& item : *items) {
    const auto* table = std::get_if<TomlTable>(&item.value);
    if (table == nullptr) {
      refuse(key, "has an entry that is no section", fmt::format("write [[{}]]", key));
      return out;
    }
    out.push_back(table);
  }
  return out;
}

void TableReader::finish() {
  for (const auto& [key, value] : table_.entries) {
    if (!taken_.contains(key)) {
      findings_.complain(Errc::unknown_key, value.line, label(key) + " is unknown",
                         "remove it or correct its spelling");
    }
  }
}

}  // namespace mailpod::governance
