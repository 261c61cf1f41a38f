#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/crypto/minisign.hpp>

#include "toml_text.hpp"

namespace mailpod::governance {

/// How a field's text is named in a file: { text, value }.
template <class T>
struct Word {
  std::string_view text;
  T value;
};

/// The first thing wrong with a file; later findings do not replace it, so a parser reads on and asks once at its end.
class Findings {
public:
  explicit Findings(std::string_view file) : file_(file) {}
  void complain(Errc code, std::size_t line, std::string what, std::string remedy);
  bool ok() const { return !complaint_; }
  const Complaint& complaint() const { return *complaint_; }

private:
  std::string file_;
  std::optional<Complaint> complaint_;
};

/// Takes the fields of one TOML table, each by its name and with its rule, and in the end refuses what nobody took.
/// Whatever is missing or not allowed goes to the Findings; the answer is then an empty value. Borrows both.
class TableReader {
public:
  TableReader(const TomlTable& table, std::string_view name, Findings& findings)
      : table_(table), name_(name), findings_(findings) {}

  bool has(std::string_view key) const { return table_.entries.contains(key); }
  /// All of them, in the order of their octets.
  std::vector<std::string> keys() const;
  /// Where `key` stands; the table's own line if it does not.
  std::size_t line_of(std::string_view key) const;

  struct TextRule {
    std::size_t longest = 200;  ///< octets
    enum class Lines { one, many } lines = Lines::one;
  };
  std::string text(std::string_view key, TextRule rule);
  std::string text(std::string_view key) { return text(key, TextRule{}); }
  /// Lower-case host name of letters, digits and hyphens.
  std::string domain(std::string_view key);
  std::vector<std::string> domains(std::string_view key, std::size_t most);
  /// A list of at least one string.
  std::vector<std::string> texts(std::string_view key, std::size_t most);
  std::uint64_t number(std::string_view key, std::uint64_t least, std::uint64_t most);
  /// Leaves `into` as it is when the key is absent.
  void optional_number(std::string_view key, std::uint32_t& into, std::uint64_t least, std::uint64_t most);
  base::Time time(std::string_view key);
  /// Octets from exactly 2 * `size` lower-case hexadecimal digits; zeros if malformed.
  std::string hex(std::string_view key, std::size_t size);
  /// The one line of a minisign public key; an empty one if malformed.
  crypto::minisign::PublicKey public_key(std::string_view key);
  template <class T, std::size_t N>
  T word(std::string_view key, const Word<T> (&words)[N]) {
    const std::string given = text(key);
    for (const auto& word : words) {
      if (word.text == given) return word.value;
    }
    std::string remedy = "write one of";
    for (const auto& word : words) remedy += " \"" + std::string(word.text) + '"';
    if (findings_.ok()) findings_.complain(Errc::bad_value, line_of(key), label(key) + " is none of its words", remedy);
    return words[0].value;
  }
  template <class T, std::size_t N>
  void optional_word(std::string_view key, T& into, const Word<T> (&words)[N]) {
    if (has(key)) into = word(key, words);
  }
  /// A sub-table; nullptr if absent.
  const TomlTable* table(std::string_view key);
  /// An array of tables; empty if absent.
  std::vector<const TomlTable*> tables(std::string_view key, std::size_t most);

  /// Complains about every key that was not asked for.
  void finish();
  void refuse(std::string_view key, const std::string& what, std::string remedy);

private:
  std::string label(std::string_view key) const;
  const TomlValue* take(std::string_view key);
  template <class T>
  const T* take_as(std::string_view key, std::string_view kind);

  const TomlTable& table_;
  std::string name_;
  Findings& findings_;
  std::set<std::string, std::less<>> taken_;
};

/// Lower-case letters, digits and hyphens in labels of 1–63, 253 octets in all. RFC 1123 §2.1.
bool is_domain(std::string_view text);

}  // namespace mailpod::governance
