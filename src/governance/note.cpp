#include <mailpod/governance/note.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::governance {
namespace {

constexpr std::string_view dash = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t longest_name = 1000;

/// The characters beyond ASCII that Unicode calls White_Space.
constexpr std::array<std::string_view, 19> far_spaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

Complaint malformed(std::string_view file_name, std::string what) {
  return {Errc::note_malformed, std::string(file_name), 0, std::move(what), "copy the file exactly as it was made"};
}

bool is_control(char octet) {
  return static_cast<unsigned char>(octet) < 0x20 && octet != '\n';
}

std::optional<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(dash)) return std::nullopt;
  line.remove_prefix(dash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
  const auto octets = text::parse_base64(line.substr(space + 1));
  if (!octets || octets->size() < 5) return std::nullopt;
  base::Decoder in(*octets);
  NoteSignature out;
  out.name = line.substr(0, space);
  out.key_id = in.u32();
  out.signature = in.rest();
  return out;
}

/// The one line that `key` would have written; nullptr if it wrote none.
const NoteSignature* line_of(const Note& note, const VerifierKey& key) {
  const auto found = std::ranges::find_if(
      note.signatures, [&](const NoteSignature& s) { return s.key_id == key.id() && s.name == key.name; });
  return found == note.signatures.end() ? nullptr : &*found;
}

Complaint not_signed(const VerifierKey& key, std::string_view file_name) {
  return {Errc::note_unsigned, std::string(file_name), 0,
          fmt::format("is not signed by {} ({:08x})", key.name, key.id()),
          "get the file anew from where it is published, or name the right key"};
}

Complaint badly_signed(const VerifierKey& key, std::string_view file_name) {
  return {Errc::signature_invalid, std::string(file_name), 0,
          fmt::format("the signature of {} ({:08x}) does not fit these octets", key.name, key.id()),
          "get the file anew: this one was altered"};
}

std::string cosigned_message(std::string_view text, std::uint64_t seconds) {
  return fmt::format("cosignature/v1\ntime {}\n{}", seconds, text);
}

bool verify(const VerifierKey& key, std::string_view message, std::string_view signature) {
  const auto octets = base::byte_array<64>(signature);
  return octets && crypto::verify(key.key, message, *octets);
}

}  // namespace

std::uint32_t VerifierKey::id() const {
  const auto digest =
      crypto::sha256(base::Encoder().fixed(name).u8('\n').u8(static_cast<std::uint8_t>(kind)).fixed(key).str());
  return base::Decoder(base::octets(digest)).u32();
}

std::string VerifierKey::str() const {
  return fmt::format("{}+{:08x}+{}", name, id(),
                     text::write_base64(base::Encoder().u8(static_cast<std::uint8_t>(kind)).fixed(key).str()));
}

Verdict<VerifierKey> parse_verifier_key(std::string_view text, std::string_view file_name) {
  const Complaint wrong{Errc::bad_value, std::string(file_name), 0, "is no verifier key",
                        "write it as `mailpod ledger show` of that pod does: name+id+base64"};
  const auto first = text.find('+');
  if (first == std::string_view::npos || !is_key_name(text.substr(0, first))) return wrong;
  const auto second = text.find('+', first + 1);
  if (second == std::string_view::npos) return wrong;
  const auto octets = text::parse_base64(text.substr(second + 1));
  if (!octets || octets->size() != 33) return wrong;
  base::Decoder in(*octets);
  const std::uint8_t kind = in.u8();
  if (kind != 1 && kind != 4) return wrong;
  VerifierKey key{std::string(text.substr(0, first)), static_cast<VerifierKey::Kind>(kind), in.fixed<32>()};
  if (key.str() != text) return wrong;
  return key;
}

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || !text::is_utf8(name)) return false;
  if (name.find_first_of(std::string_view(" +\n\t\v\f\r")) != std::string_view::npos) return false;
  return std::ranges::none_of(far_spaces,
                              [&](std::string_view space) { return name.find(space) != std::string_view::npos; });
}

std::string Note::str() const {
  std::string out = text + "\n";
  for (const auto& one : signatures) {
    const auto octets = base::Encoder().u32(one.key_id).fixed(one.signature).take();
    out += fmt::format("{}{} {}\n", dash, one.name, text::write_base64(octets));
  }
  return out;
}

Verdict<Note> parse_note(std::string_view octets, std::string_view file_name) {
  if (octets.size() > largest_note) return malformed(file_name, "is too large for a signed note");
  if (!text::is_utf8(octets) || std::ranges::any_of(octets, is_control))
    return malformed(file_name, "is no signed note: it is not plain text");
  const auto gap = octets.rfind("\n\n");
  if (gap == std::string_view::npos || gap == 0 || !octets.ends_with('\n'))
    return malformed(file_name, "is no signed note: a text, an empty line, signatures");
  Note note{std::string(octets.substr(0, gap + 1)), {}};
  std::string_view rest = octets.substr(gap + 2);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto line = parse_signature_line(rest.substr(0, end));
    if (!line) return malformed(file_name, "has a line among its signatures that is none");
    if (note.signatures.size() == most_note_signatures) return malformed(file_name, "has too many signatures");
    note.signatures.push_back(std::move(*line));
    rest.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return malformed(file_name, "has no signature");
  return note;
}

NoteSignature sign_note(const crypto::SigningKey& key, std::string_view name, std::string_view text) {
  const VerifierKey verifier{std::string(name), VerifierKey::Kind::note, key.public_key()};
  return {verifier.name, verifier.id(), std::string(base::octets(key.sign(text)))};
}

NoteSignature cosign_note(const crypto::SigningKey& key, std::string_view name, std::string_view text,
                          std::uint64_t seconds) {
  const VerifierKey verifier{std::string(name), VerifierKey::Kind::cosignature, key.public_key()};
  return {verifier.name, verifier.id(),
          base::Encoder().u64(seconds).fixed(key.sign(cosigned_message(text, seconds))).take()};
}

Verdict<void> is_signed_by(const Note& note, const VerifierKey& key, std::string_view file_name) {
  if (key.kind == VerifierKey::Kind::cosignature) {
    if (const auto at = cosigned_at(note, key, file_name); !at) return at.error();
    return {};
  }
  const auto* line = line_of(note, key);
  if (line == nullptr) return not_signed(key, file_name);
  if (!verify(key, note.text, line->signature)) return badly_signed(key, file_name);
  return {};
}

Verdict<std::uint64_t> cosigned_at(const Note& note, const VerifierKey& key, std::string_view file_name) {
  const auto* line = line_of(note, key);
  if (line == nullptr || key.kind != VerifierKey::Kind::cosignature) return not_signed(key, file_name);
  base::Decoder in(line->signature);
  const std::uint64_t seconds = in.u64();
  if (!in.ok() || seconds >> 63U != 0 || !verify(key, cosigned_message(note.text, seconds), in.rest()))
    return badly_signed(key, file_name);
  return seconds;
}

}  // namespace mailpod::governance
