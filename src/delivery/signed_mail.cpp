#include <mailpod/delivery/signed_mail.hpp>

#include <algorithm>

#include <mailpod/crypto/minisign.hpp>
#include <mailpod/governance/act_text.hpp>
#include <mailpod/message/decoded_text.hpp>

namespace mailpod::delivery {
namespace {

constexpr std::uint64_t most_octets = 1024 * 1024;
constexpr std::size_t most_parts = 64;
constexpr std::size_t most_files = 16;
constexpr std::size_t most_signatures = 128;
constexpr std::uint64_t largest_part = 128 * 1024;  // 64 KiB as base64, with room to spare
constexpr std::string_view signature_begins = "untrusted comment:";
constexpr std::string_view names_a_file = "sha256=";

/// The parts that are no multiparts, in order; messages within are one part, and not looked into.
void note_leaves(const message::Part& part, std::vector<const message::Part*>& leaves) {
  if (!part.is_multipart()) {
    if (!part.holds_message()) leaves.push_back(&part);
    return;
  }
  for (const auto& child : part.children) {
    if (leaves.size() > most_parts) return;
    note_leaves(child, leaves);
  }
}

std::string lines_of(std::string octets) {
  std::string out;
  out.reserve(octets.size());
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] != '\r' || i + 1 == octets.size() || octets[i + 1] != '\n') out += octets[i];
  }
  return out;
}

std::string read_part(const base::OctetSource& message, const message::Part& part) {
  if (part.body.size() > largest_part) return {};
  std::string raw(static_cast<std::size_t>(part.body.size()), '\0');
  for (std::size_t done = 0; done < raw.size();) {
    const auto got = message.read_at(part.body.begin + done, std::span(raw).subspan(done));
    if (got == 0) return {};
    done += got;
  }
  message::DecodedOctets decoder(part.transfer_encoding);
  auto octets = decoder.feed(raw);
  octets += decoder.finish();
  auto out = lines_of(std::move(octets));
  // The line end before a boundary is the boundary's. RFC 2046 §5.1.1. Every signed file ends with one.
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out;
}

/// Which file a signature says that it is of.
std::optional<governance::Hash> file_of(const std::string& minisig) {
  const auto signature = crypto::minisign::parse_signature(minisig);
  if (!signature) return std::nullopt;
  const auto& comment = signature->trusted_comment;
  const auto at = comment.rfind(names_a_file);
  if (at == std::string::npos) return std::nullopt;
  const auto digits = std::string_view(comment).substr(at + names_a_file.size());
  const auto octets = base::unhex(digits);
  if (octets && base::hex(*octets) != digits) return std::nullopt;  // as our comments never say it
  return octets ? base::byte_array<32>(*octets) : std::nullopt;
}

SignedMail too_much() {
  SignedMail out;
  out.too_much = true;
  return out;
}

}  // namespace

SignedMail read_signed_mail(const base::OctetSource& message, const message::Structure& structure) {
  if (message.size() > most_octets) return too_much();
  std::vector<const message::Part*> leaves;
  note_leaves(structure.root, leaves);
  if (leaves.size() > most_parts) return too_much();
  SignedMail out;
  std::vector<std::string> signatures;
  std::vector<governance::Hash> identities;
  for (const auto* leaf : leaves) {
    auto octets = read_part(message, *leaf);
    if (octets.starts_with(signature_begins)) {
      signatures.push_back(std::move(octets));
    } else if (!governance::type_of(octets).empty()) {
      const auto identity = governance::identity(octets);
      if (std::ranges::find(identities, identity) != identities.end()) continue;
      identities.push_back(identity);
      out.files.push_back({"file " + std::to_string(identities.size()), std::move(octets), {}});
    } else if (governance::parse_act_text(octets, "text")) {
      out.texts.push_back(std::move(octets));
    }
  }
  if (out.files.size() > most_files || signatures.size() > most_signatures) return too_much();
  for (auto& signature : signatures) {
    const auto identity = file_of(signature);
    const auto found = identity ? std::ranges::find(identities, *identity) : identities.end();
    if (found == identities.end()) continue;
    auto& file = out.files[static_cast<std::size_t>(found - identities.begin())];
    // The same attached twice is one.
    if (std::ranges::find(file.minisigs, signature) == file.minisigs.end())
      file.minisigs.push_back(std::move(signature));
  }
  return out;
}

}  // namespace mailpod::delivery
