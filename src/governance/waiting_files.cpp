#include <mailpod/governance/waiting_files.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <mailpod/governance/vote.hpp>

#include "file_batch.hpp"
#include "signed_text.hpp"
#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

constexpr std::string_view file_end = ".toml";
constexpr std::string_view signature_end = ".minisig";
constexpr std::uint64_t largest_signature = 4096;
constexpr std::size_t most_of_a_maintainer = 16;
constexpr std::size_t most_lapsed = 64;  // that only the machine's clock says are over

Complaint complaint(Errc code, const SignedFile& file, std::string what, std::string remedy) {
  return {code, file.name, 0, std::move(what), std::move(remedy)};
}

/// What is asked of a file before it may wait.
struct Frame {
  std::string_view type;
  std::string pod;
  std::uint64_t seq = 0;  ///< of the charter it names, or that it is
  base::Time issued;
  base::Time expires;
  std::optional<Charter> next;  ///< of a charter: itself
};

Verdict<Frame> frame_of(const SignedFile& file) {
  const auto type = type_of(file.octets);
  if (type == "act") {
    const auto act = parse_act(file.octets, file.name);
    if (!act) return act.error();
    return Frame{"act", act->pod, act->charter, act->issued, act->expires, {}};
  }
  if (type == "vote") {
    const auto vote = parse_vote(file.octets, file.name);
    if (!vote) return vote.error();
    const auto expires = std::min(vote->closes, vote->issued + longest_act_validity);
    return Frame{"vote", vote->pod, vote->charter, vote->issued, expires, {}};
  }
  if (type == "charter") {
    const auto next = parse_charter(file.octets, file.name);
    if (!next) return next.error();
    const auto expires = std::min(next->expires, next->issued + longest_act_validity);
    return Frame{"charter", next->pod, next->seq, next->issued, expires, *next};
  }
  return complaint(Errc::wrong_type, file, "is no act, vote or charter", "nothing else waits for signatures");
}

bool fits(const Frame& frame, const Charter& charter) {
  return frame.type == "charter" ? frame.seq == charter.seq + 1 : frame.seq == charter.seq;
}

/// Whether it certainly can come into force no more: by the times at which others signed, for a machine's clock may
/// have jumped.
bool is_over(const Frame& frame, const Hash& id, const Roster& roster) {
  if (frame.type == "vote" && roster.votes().contains(id)) return true;
  const auto confirmed = roster.confirmed();
  const auto seq = roster.charters().at(confirmed).seq;
  return frame.expires <= confirmed || frame.seq < (frame.type == "charter" ? seq + 1 : seq);
}

/// Who may sign: the maintainers in office, and of a charter those whom it names.
std::vector<Maintainer> signers_of(const Frame& frame, const Charter& charter) {
  auto out = charter.maintainers;
  if (!frame.next) return out;
  for (const auto& maintainer : frame.next->maintainers) {
    if (std::ranges::find(out, maintainer.key, &Maintainer::key) == out.end()) out.push_back(maintainer);
  }
  return out;
}

std::vector<crypto::minisign::PublicKey> in_term(std::span<const crypto::minisign::PublicKey> signers,
                                                 const Charter& charter, base::Time at) {
  std::vector<crypto::minisign::PublicKey> out;
  for (const auto& maintainer : charter.maintainers) {
    if (maintainer.in_term(at) && std::ranges::find(signers, maintainer.key) != signers.end())
      out.push_back(maintainer.key);
  }
  return out;
}

/// How many more must sign at least. A charter takes the old threshold and its own.
std::size_t missing(const Frame& frame, std::span<const crypto::minisign::PublicKey> signers, const Charter& charter,
                    base::Time at) {
  const auto lacks = [&](const Charter& of, base::Time when) {
    const auto good = in_term(signers, of, when).size();
    return good < of.threshold ? of.threshold - good : 0;
  };
  const auto of_ours = lacks(charter, at);
  return frame.next ? std::max(of_ours, lacks(*frame.next, frame.next->effective)) : of_ours;
}

std::optional<crypto::minisign::KeyId> key_of(const std::string& minisig) {
  const auto signature = crypto::minisign::parse_signature(minisig);
  if (!signature) return std::nullopt;
  return signature->id;
}

bool carries(const SignedFile& file, const crypto::minisign::PublicKey& key) {
  return std::ranges::any_of(file.minisigs, [&](const std::string& minisig) { return key_of(minisig) == key.id; });
}

}  // namespace

std::string WaitingFiles::path_of(const Hash& identity) const {
  return base::join(folder_, base::hex(base::octets(identity)));
}

std::vector<Hash> WaitingFiles::identities() const {
  std::set<Hash> out;
  if (!disk_.status(folder_)) return {};
  for (const auto& entry : disk_.list(folder_)) {
    if (!entry.name.ends_with(file_end)) continue;
    const auto octets = base::unhex(std::string_view(entry.name).substr(0, entry.name.size() - file_end.size()));
    const auto identity = octets ? base::byte_array<32>(*octets) : std::nullopt;
    if (identity) out.insert(*identity);
  }
  return {out.begin(), out.end()};
}

std::vector<std::string> WaitingFiles::signatures_of(const Hash& identity) const {
  std::vector<std::string> out;
  if (!disk_.status(path_of(identity) + std::string(file_end))) return out;
  const auto stem = base::hex(base::octets(identity)) + ".";
  for (const auto& entry : disk_.list(folder_)) {
    if (!entry.name.starts_with(stem) || !entry.name.ends_with(signature_end)) continue;
    out.push_back(base::read_file(disk_, base::join(folder_, entry.name), largest_signature));
  }
  return in_key_order(std::move(out));
}

SignedFile WaitingFiles::gathered(const SignedFile& file) const {
  SignedFile out = file;
  out.minisigs = signatures_of(identity(file.octets));
  std::set<crypto::minisign::KeyId> known;
  for (const auto& minisig : out.minisigs) {
    if (const auto key = key_of(minisig)) known.insert(*key);
  }
  for (const auto& minisig : file.minisigs) {
    // What two of one key in one file mean, those who judge it say.
    const auto key = key_of(minisig);
    if (!key || !known.contains(*key)) out.minisigs.push_back(minisig);
  }
  return out;
}

Verdict<WaitingFiles::Waiting> WaitingFiles::keep(const SignedFile& file, const Roster& roster, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  const auto frame = frame_of(file);
  if (!frame) return frame.error();
  const Hash id = identity(file.octets);
  const auto comment = trusted_comment(frame->type, frame->pod, frame->seq, id);
  const auto signers = verified_signers(file, comment, signers_of(*frame, charter), nullptr);
  if (!signers) return signers.error();
  const auto ours = in_term(*signers, charter, at);
  if (ours.empty() || frame->pod != charter.pod)
    return complaint(Errc::below_threshold, file, "is signed by no maintainer in term",
                     "have a maintainer sign it first");
  if (frame->expires <= at || !fits(*frame, charter) || is_over(*frame, id, roster))
    return complaint(Errc::act_expired, file, "can come into force no more", "have it made and signed anew");
  const auto others = list(roster, at);
  auto lapsed = identities();
  std::erase_if(lapsed, [&](const Hash& each) {
    return each == id || std::ranges::find(others, each, &Waiting::identity) != others.end();
  });
  for (const auto& key : ours) {
    const auto theirs = std::ranges::count_if(
        others, [&](const Waiting& other) { return other.identity != id && carries(other.file, key); });
    if (static_cast<std::size_t>(theirs) < most_of_a_maintainer) continue;
    return complaint(Errc::too_many_waiting, file,
                     fmt::format("{} files that {} signed wait for others", theirs, key.id_text()),
                     "have others sign those first, or wait until they expire: `mailpod act waiting`");
  }
  for (std::size_t i = most_lapsed; i < lapsed.size(); ++i) forget(lapsed[i]);
  // Signatures first: a file that nobody signed must not lie there.
  std::set<std::string> durable;
  FileBatch batch(disk_, parent_of(folder_), durable);
  for (const auto& minisig : file.minisigs) {
    const crypto::minisign::PublicKey named{*key_of(minisig), {}};
    batch.write(path_of(id) + "." + named.id_text() + std::string(signature_end), minisig);
  }
  batch.write(path_of(id) + std::string(file_end), file.octets);
  batch.finish();
  return Waiting{file, id, frame->expires, signers->size(), signers->size() + missing(*frame, *signers, charter, at)};
}

void WaitingFiles::forget(const Hash& identity) {
  if (!disk_.status(folder_)) return;
  const auto name = base::hex(base::octets(identity)) + ".";
  bool changed = false;
  for (const auto& entry : disk_.list(folder_)) {
    if (!entry.name.starts_with(name)) continue;
    disk_.unlink(base::join(folder_, entry.name));
    changed = true;
  }
  if (changed) disk_.sync_directory(folder_);
}

std::vector<WaitingFiles::Waiting> WaitingFiles::list(const Roster& roster, base::Time at) {
  const Charter& charter = roster.charters().at(at);
  std::vector<Waiting> out;
  for (const auto& id : identities()) {
    const auto name = base::hex(base::octets(id));
    SignedFile file{name, base::read_file(disk_, path_of(id) + std::string(file_end), largest_signed_file),
                    signatures_of(id)};
    const auto frame = frame_of(file);
    if (!frame || identity(file.octets) != id || is_over(*frame, id, roster)) {
      forget(id);
      continue;
    }
    if (frame->expires <= at || !fits(*frame, charter)) continue;
    const auto comment = trusted_comment(frame->type, frame->pod, frame->seq, id);
    const auto signers = verified_signers(file, comment, signers_of(*frame, charter), nullptr);
    const auto good = signers ? *signers : std::vector<crypto::minisign::PublicKey>{};
    out.push_back({std::move(file), id, frame->expires, good.size(), good.size() + missing(*frame, good, charter, at)});
  }
  return out;
}

}  // namespace mailpod::governance
