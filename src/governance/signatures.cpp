#include <mailpod/governance/signatures.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/act.hpp>
#include <mailpod/governance/ballot.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/join.hpp>
#include <mailpod/governance/vote.hpp>
#include <mailpod/governance/vouch.hpp>

#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

namespace minisign = crypto::minisign;

constexpr std::size_t most_signatures = 128;

Complaint complaint(Errc code, const SignedFile& file, std::string what, std::string remedy) {
  return {code, file.name, 0, std::move(what), std::move(remedy)};
}

Verdict<minisign::Signature> read_signature(const SignedFile& file, const std::string& minisig) {
  const auto signature = minisign::parse_signature(minisig);
  if (signature) return *signature;
  const auto error = signature.error();
  if (error == crypto::Errc::legacy_algorithm) {
    return complaint(Errc::signature_legacy, file, "a signature is of minisign's legacy kind", "sign without -l");
  }
  return complaint(Errc::signature_malformed, file, "a signature file is malformed: " + error.message(),
                   "copy the .minisig file exactly, or sign again");
}

/// One signature of a file, being judged.
struct Candidate {
  const SignedFile& file;
  const Hash& identity;
  const std::string& minisig;
  const minisign::Signature& signature;
  const SignaturesSeen* seen;
};

Status verify(const Candidate& candidate, const minisign::PublicKey& key) {
  if (candidate.seen != nullptr && candidate.seen->contains(key, candidate.identity, candidate.minisig)) return {};
  return minisign::verify(key, candidate.file.octets, candidate.signature);
}

/// The maintainer whose signature this claims to be, once it proves to be.
Verdict<minisign::PublicKey> verify_one(const Candidate& candidate, std::string_view comment,
                                        std::span<const Maintainer> known) {
  const auto& [file, id, minisig, signature, seen] = candidate;
  const auto signer = std::ranges::find(known, signature.id, [](const Maintainer& m) { return m.key.id; });
  if (signer == known.end()) {
    return complaint(Errc::signature_unknown_key, file,
                     "signed by a key that is no maintainer's: " + minisign::PublicKey{signature.id, {}}.id_text(),
                     "remove that signature, or sign with a key that the charter names");
  }
  const auto verified = verify(candidate, signer->key);
  const std::string whose = fmt::format("the signature of {} ({})", signer->name, signer->key.id_text());
  if (!verified && verified.error() == crypto::Errc::bad_comment_signature) {
    return complaint(Errc::trusted_comment_altered, file, whose + " has an altered trusted comment", "sign again");
  }
  if (!verified) {
    return complaint(Errc::signature_invalid, file, whose + " does not fit these octets",
                     "restore the file that was signed, or sign again");
  }
  if (signature.trusted_comment != comment) {
    return complaint(Errc::comment_not_of_this_file, file, whose + " was made for another file",
                     fmt::format("sign with the trusted comment `{}`", comment));
  }
  return signer->key;
}

}  // namespace

Hash identity(std::string_view octets) {
  return crypto::sha256(octets);
}

std::string trusted_comment(std::string_view type, std::string_view pod, std::uint64_t seq, const Hash& identity) {
  return fmt::format("mailpod {} pod={} seq={} sha256={}", type, pod, seq, base::hex(base::octets(identity)));
}

Verdict<std::string> trusted_comment_for(std::string_view octets, std::string_view file_name) {
  if (type_of(octets) == "act") {
    const auto act = parse_act(octets, file_name);
    if (!act) return act.error();
    return trusted_comment("act", act->pod, act->charter, identity(octets));
  }
  if (type_of(octets) == "vote") {
    const auto vote = parse_vote(octets, file_name);
    if (!vote) return vote.error();
    return trusted_comment("vote", vote->pod, vote->charter, identity(octets));
  }
  if (type_of(octets) == "ballot") {
    const auto ballot = parse_ballot(octets, file_name);
    if (!ballot) return ballot.error();
    return trusted_comment("ballot", ballot->pod, ballot->charter, identity(octets));
  }
  if (type_of(octets) == "join") {
    const auto join = parse_join(octets, file_name);
    if (!join) return join.error();
    return trusted_comment("join", join->pod, join->charter, identity(octets));
  }
  if (type_of(octets) == "vouch") {
    const auto vouch = parse_vouch(octets, file_name);
    if (!vouch) return vouch.error();
    return trusted_comment("vouch", vouch->pod, vouch->charter, identity(octets));
  }
  const auto charter = parse_charter(octets, file_name);
  if (!charter) return charter.error();
  return trusted_comment("charter", charter->pod, charter->seq, identity(octets));
}

Verdict<std::string> sign(const minisign::SecretKey& key, std::string_view octets, std::string_view file_name) {
  const auto comment = trusted_comment_for(octets, file_name);
  if (!comment) return comment.error();
  return minisign::sign_file(key, octets, *comment);
}

Verdict<std::vector<minisign::PublicKey>> verified_signers(const SignedFile& file, std::string_view comment,
                                                           std::span<const Maintainer> known,
                                                           const SignaturesSeen* seen) {
  if (file.minisigs.empty()) {
    return complaint(Errc::no_signatures, file, "is not signed", "put its .minisig files beside it");
  }
  if (file.minisigs.size() > most_signatures) {
    return complaint(Errc::too_large, file, "has too many signatures", "at most 128");
  }
  std::vector<minisign::PublicKey> signers;
  const Hash id = identity(file.octets);
  for (const auto& minisig : file.minisigs) {
    const auto signature = read_signature(file, minisig);
    if (!signature) return signature.error();
    const auto key = verify_one({file, id, minisig, *signature, seen}, comment, known);
    if (!key) return key.error();
    if (std::ranges::find(signers, *key) != signers.end()) {
      return complaint(Errc::signature_repeated, file, "is signed twice by " + key->id_text(),
                       "one signature from each maintainer");
    }
    signers.push_back(*key);
  }
  return signers;
}

Verdict<void> require_threshold(const SignedFile& file, std::span<const minisign::PublicKey> signers,
                                const Charter& charter, base::Time at) {
  std::uint32_t good = 0;
  const Maintainer* out_of_term = nullptr;
  for (const auto& maintainer : charter.maintainers) {
    if (std::ranges::find(signers, maintainer.key) == signers.end()) continue;
    if (maintainer.in_term(at)) {
      ++good;
    } else {
      out_of_term = &maintainer;
    }
  }
  if (good >= charter.threshold) return {};
  const std::string count = fmt::format("{} of {} signatures needed", good, charter.threshold);
  if (out_of_term != nullptr) {
    return complaint(Errc::maintainer_out_of_term, file, fmt::format("{} is not in term; {}", out_of_term->name, count),
                     "have it signed by maintainers in term");
  }
  return complaint(Errc::below_threshold, file, fmt::format("has {} of charter {}'s maintainers", count, charter.seq),
                   "have more maintainers sign it");
}

std::vector<std::string> in_key_order(std::vector<std::string> minisigs) {
  std::vector<std::pair<minisign::KeyId, std::string>> keyed;
  for (auto& minisig : minisigs) {
    const auto signature = minisign::parse_signature(minisig);
    keyed.emplace_back(signature ? signature->id : minisign::KeyId{}, std::move(minisig));
  }
  std::ranges::sort(keyed);
  std::ranges::transform(keyed, minisigs.begin(), [](auto& pair) { return std::move(pair.second); });
  return minisigs;
}

}  // namespace mailpod::governance
