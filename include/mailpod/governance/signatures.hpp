#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/minisign.hpp>
#include <mailpod/governance/error.hpp>

namespace mailpod::governance {

struct Charter;
struct Maintainer;

/// SHA-256.
using Hash = base::ByteArray<32>;

/// A file as its signers saw it, exact octets, with its detached minisign signatures (the text of each .minisig file).
struct SignedFile {
  std::string name;  ///< for complaints
  std::string octets;
  std::vector<std::string> minisigs;
};

/// What a file is: the SHA-256 of its exact octets. Nothing is canonicalised.
Hash identity(std::string_view octets);

/// What a signed file says it is; empty if it does not begin with its type in the form our writers use. Borrowed.
std::string_view type_of(std::string_view octets);

/// The trusted comment that a signature of a file must carry, so that it cannot be re-labelled:
/// `mailpod charter pod=pod.lab seq=1 sha256=…` (for an act, `seq` is that of the charter it names).
std::string trusted_comment(std::string_view type, std::string_view pod, std::uint64_t seq, const Hash& identity);
/// The same, of a charter, act, vote, ballot, join or vouch that parses; what a command line signs.
Verdict<std::string> trusted_comment_for(std::string_view octets, std::string_view file_name);

/// The text of the .minisig file over such a file, with its trusted comment. Errors as trusted_comment_for.
Verdict<std::string> sign(const crypto::minisign::SecretKey& key, std::string_view octets, std::string_view file_name);

/// Signatures that were found to be good before, so that whoever reads a long record has them tried by all cores first
/// and then judges in order. It knows no rule: a signature it has not seen is simply tried. Written by one thread at a
/// time, then read by any.
class SignaturesSeen {
public:
  /// Tries every signature of the files by whichever key of `keys` it names, on up to as many threads as the machine
  /// has.
  static SignaturesSeen of(std::span<const SignedFile> files, std::span<const crypto::minisign::PublicKey> keys);
  /// Whether exactly this signature of these octets by this key was good.
  bool contains(const crypto::minisign::PublicKey& key, const Hash& identity, std::string_view minisig) const;

private:
  std::set<Hash> good_;
};

/// Whose signatures a file carries. Every one must be good, with the trusted comment expected, of a key in `known`, and
/// no key may sign twice; else the file is refused, each fault with its own reason. Terms are not judged here. Pure;
/// any thread.
Verdict<std::vector<crypto::minisign::PublicKey>> verified_signers(const SignedFile& file, std::string_view comment,
                                                                   std::span<const Maintainer> known,
                                                                   const SignaturesSeen* seen = nullptr);

/// Whether as many of the charter's maintainers in term at `at` are among the signers as its threshold demands.
/// Errors: below_threshold, maintainer_out_of_term.
Verdict<void> require_threshold(const SignedFile& file, std::span<const crypto::minisign::PublicKey> signers,
                                const Charter& charter, base::Time at);

/// The one order of a file's signatures: ascending by key id.
std::vector<std::string> in_key_order(std::vector<std::string> minisigs);

}  // namespace mailpod::governance
