#include <mailpod/message/conversion.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/ascii.hpp>

#include "converted_source.hpp"
#include "header_reader.hpp"
#include "header_words.hpp"
#include "lexer.hpp"

namespace mailpod::message {

namespace {

constexpr std::size_t longest_header = 128 * 1024;     // octets of one entity's header that is looked into
constexpr std::size_t most_written = 2 * 1024 * 1024;  // octets written anew in all headers
constexpr std::size_t longest_line = 998;              // RFC 5322 §2.1.1
constexpr std::size_t block_octets = 32 * 1024;

bool is_eight_bit(char octet) {
  return static_cast<unsigned char>(octet) > 127;
}

/// Calls `take` with the octets of `place`, block by block, until it answers false.
void for_each_block(const base::OctetSource& message, Range place, const std::function<bool(std::string_view)>& take) {
  std::string block(block_octets, '\0');
  while (place.begin < place.end) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), place.size()));
    const std::size_t count = message.read_at(place.begin, std::span(block).first(wanted));
    if (count == 0) throw std::system_error(std::make_error_code(std::errc::io_error), "a message that is shorter");
    if (!take(std::string_view(block).substr(0, count))) return;
    place.begin += count;
  }
}

bool has_eight_bit(const base::OctetSource& message, Range place) {
  bool found = false;
  for_each_block(message, place, [&](std::string_view block) { return !(found = !text::is_ascii(block)); });
  return found;
}

/// What a body is made of, as far as a transport cares.
struct Form {
  bool eight_bit = false;
  bool no_lines = false;  ///< NUL, or CR or LF alone
  bool long_lines = false;
};

Form form_of(const base::OctetSource& message, Range body) {
  Form form;
  char last = '\0';
  std::size_t line = 0;
  for_each_block(message, body, [&](std::string_view block) {
    for (const char octet : block) {
      form.eight_bit |= is_eight_bit(octet);
      form.no_lines |= octet == '\0' || (last == '\r') != (octet == '\n');
      line = octet == '\n' ? 0 : line + (octet == '\r' ? 0 : 1);
      form.long_lines |= line > longest_line;
      last = octet;
    }
    return true;
  });
  form.no_lines |= last == '\r';
  return form;
}

std::size_t line_length(std::string_view octets) {
  return std::min(octets.find('\n'), octets.size() - 1) + 1;
}

/// A header, field by field.
class Header {
public:
  struct Field {
    std::string_view name;
    std::string_view octets;  ///< whole, with its line ends
    std::size_t begin = 0;    ///< in the header
  };

  explicit Header(std::string octets) : octets_(std::move(octets)) {
    std::string_view rest = octets_;
    while (!rest.empty() && rest.front() != '\n' && !rest.starts_with("\r\n")) {
      std::size_t length = line_length(rest);
      while (length < rest.size() && text::octets::wsp.contains(rest[length])) {
        length += line_length(rest.substr(length));
      }
      const std::string_view field = rest.substr(0, length);
      if (const auto name = field_name(field)) fields_.push_back({*name, field, end_});
      rest.remove_prefix(length);
      end_ += length;
    }
  }
  // The fields are views into it.
  Header(const Header&) = delete;
  Header& operator=(const Header&) = delete;

  const std::vector<Field>& fields() const { return fields_; }
  /// Where one more field would stand: at the blank line.
  std::size_t end() const { return end_; }
  const Field* first(std::string_view name) const {
    const auto found = std::ranges::find_if(fields_, [&](const Field& f) { return text::equal_fold(f.name, name); });
    return found == fields_.end() ? nullptr : &*found;
  }

private:
  std::string octets_;
  std::vector<Field> fields_;
  std::size_t end_ = 0;
};

/// The `multipart` of a Content-Type as it stands there, lower case; empty if there is none.
std::string claimed_type(const Header& header) {
  const Header::Field* const field = header.first("Content-Type");
  if (field == nullptr) return {};
  std::string value(field->octets.substr(field->octets.find(':') + 1));
  std::erase_if(value, [](char octet) { return octet == '\r' || octet == '\n'; });
  Lexer lexer(value);
  lexer.skip_cfws();
  return text::lower(lexer.in.take_while(octets::token));
}

bool is_label(std::string_view encoding) {
  return encoding == "7bit" || encoding == "8bit" || encoding == "binary";
}

/// Goes through the entities and collects what must change.
class Planner {
public:
  Planner(Transport transport, const base::OctetSource& message) : transport_(transport), message_(message) {}

  std::vector<Change> run(const Structure& structure) {
    visit_message(structure.root);
    // They do not overlap, and of those at one place any may be first.
    std::ranges::sort(changes_, {}, [](const Change& change) { return change.place.begin; });
    return std::move(changes_);
  }

private:
  /// The entity that is a whole message. RFC 2045 §4: without MIME-Version its labels mean nothing.
  void visit_message(const Part& root) {
    const bool encoded = visit(root);
    if (!encoded || root.header.size() > longest_header) return;
    const Header header(read_header(root));
    if (header.first("MIME-Version") == nullptr) insert(root, header, "MIME-Version: 1.0\r\n");
  }

  /// Whether a part of this message was encoded.
  bool visit(const Part& part) {
    if (part.header.size() == 0 || part.header.size() > longest_header) return false;
    const Header header(read_header(part));
    if (transport_ == Transport::seven_bit) write_words(part, header);
    // RFC 1847 §2.1, §2.2: what is signed is its octets.
    const bool is_sealed = part.is_multipart() && (part.subtype == "signed" || part.subtype == "encrypted");
    if (is_sealed) return false;
    if (part.is_multipart()) return visit_multipart(part, header);
    if (part.holds_message() && part.subtype == "rfc822") {
      visit_message(part.children.front());
      relabel(part, header);
      return false;
    }
    return visit_leaf(part, header);
  }

  bool visit_multipart(const Part& part, const Header& header) {
    // RFC 2045 §6.4: it has none of the others. Who believes it has sees something else than we do.
    if (!is_label(part.transfer_encoding)) return false;
    bool encoded = false;
    for (const Part& child : part.children) encoded |= visit(child);
    relabel(part, header);
    return encoded;
  }

  bool visit_leaf(const Part& part, const Header& header) {
    if (!is_label(part.transfer_encoding)) return false;
    const Form form = form_of(message_, part.body);
    const bool is_binary = part.transfer_encoding == "binary";
    const bool unfit =
        (form.eight_bit && transport_ == Transport::seven_bit) || form.no_lines || (is_binary && form.long_lines);
    if (!unfit) {
      relabel(part, header);
      return false;
    }
    // Beyond the limits it is text to us, but not to others.
    const std::string claimed = claimed_type(header);
    if (claimed == "multipart" || (claimed == "message" && !takes_encoding(part))) return false;
    const Encoding encoding = part.type == "text" ? Encoding::quoted_printable : Encoding::base64;
    label(part, header, name_of(encoding));
    changes_.push_back({part.body, {}, encoding});
    return true;
  }

  /// RFC 6532 §3.5, RFC 6533 §4.4: the new message types do, the old ones do not.
  static bool takes_encoding(const Part& part) { return part.type == "message" && part.subtype.starts_with("global"); }

  /// What could be in there before is not in there now.
  void relabel(const Part& part, const Header& header) {
    const std::string_view most = transport_ == Transport::seven_bit ? "7bit" : "8bit";
    const bool claims_more =
        part.transfer_encoding == "binary" || (part.transfer_encoding == "8bit" && transport_ == Transport::seven_bit);
    if (claims_more) label(part, header, most);
  }

  void label(const Part& part, const Header& header, std::string_view encoding) {
    constexpr std::string_view name = "Content-Transfer-Encoding";
    std::string field = std::string(name) + ": " + std::string(encoding) + "\r\n";
    if (header.first(name) == nullptr) return insert(part, header, std::move(field));
    // All of them: the first counts for us, another for somebody else.
    for (const Header::Field& each : header.fields()) {
      if (text::equal_fold(each.name, name)) replace(part, each, std::exchange(field, {}));
    }
  }

  void write_words(const Part& part, const Header& header) {
    for (const Header::Field& field : header.fields()) {
      if (text::is_ascii(field.octets)) continue;
      auto words = with_encoded_words(field.octets);
      if (words) replace(part, field, std::move(*words));
    }
  }

  void insert(const Part& part, const Header& header, std::string text) {
    const std::uint64_t place = part.header.begin + header.end();
    changes_.push_back({{place, place}, std::move(text)});
  }

  void replace(const Part& part, const Header::Field& field, std::string text) {
    if (text.size() > most_written - written_) return;
    written_ += text.size();
    const std::uint64_t begin = part.header.begin + field.begin;
    changes_.push_back({{begin, begin + field.octets.size()}, std::move(text)});
  }

  std::string read_header(const Part& part) const {
    std::string octets;
    for_each_block(message_, part.header, [&](std::string_view block) {
      octets += block;
      return true;
    });
    return octets;
  }

  const Transport transport_;
  const base::OctetSource& message_;
  std::vector<Change> changes_;
  std::size_t written_ = 0;
};

bool has_eight_bit_header(const base::OctetSource& message, const Part& part) {
  if (has_eight_bit(message, part.header)) return true;
  return std::ranges::any_of(part.children, [&](const Part& child) { return has_eight_bit_header(message, child); });
}

}  // namespace

std::unique_ptr<base::OctetSource> converted_for(Transport transport, const base::OctetSource& message) {
  std::vector<Change> changes = Planner(transport, message).run(scan(message));
  if (changes.empty()) return nullptr;
  return std::make_unique<ConvertedSource>(message, std::move(changes));
}

bool has_eight_bit(const base::OctetSource& message) {
  return has_eight_bit(message, {0, message.size()});
}

bool has_eight_bit_header(const base::OctetSource& message) {
  // Most mail has none anywhere, which is quickly seen.
  return has_eight_bit(message) && has_eight_bit_header(message, scan(message).root);
}

}  // namespace mailpod::message
