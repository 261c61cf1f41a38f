#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <mailpod/governance/act.hpp>
#include <mailpod/governance/charter.hpp>

#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

Complaint complaint(Errc code, const SignedFile& file, std::string what, std::string remedy) {
  return {code, file.name, 0, std::move(what), std::move(remedy)};
}

Verdict<void> check_validity(const SignedFile& file, const Charter& charter) {
  if (charter.expires - charter.issued <= longest_validity) return {};
  return complaint(Errc::valid_too_long, file, "expires more than 400 days after it was issued",
                   fmt::format("let it expire by {}", time_text(charter.issued + longest_validity)));
}

Verdict<void> check_sequence(const SignedFile& file, const Charter& next, const Charter& last,
                             const Hash& last_identity) {
  if (next.pod != last.pod) {
    return complaint(Errc::wrong_pod, file, fmt::format("is a charter of {}", next.pod), "this pod is " + last.pod);
  }
  if (next.seq != last.seq + 1) {
    return complaint(Errc::sequence_gap, file, fmt::format("has seq {}", next.seq),
                     fmt::format("the next charter is {}", last.seq + 1));
  }
  if (next.prev != last_identity) {
    return complaint(Errc::wrong_previous, file, "names another charter before it",
                     fmt::format("prev = \"{}\"", base::hex(base::octets(last_identity))));
  }
  return {};
}

Verdict<void> check_times(const SignedFile& file, const Charter& next, const Charter& last, base::Time at) {
  if (next.issued > at + clock_tolerance) {
    return complaint(Errc::not_yet_issued, file, "was issued in the future: " + time_text(next.issued),
                     "correct `issued`, or the clock");
  }
  if (next.expired(at)) {
    return complaint(Errc::already_expired, file, "expired at " + time_text(next.expires), "issue it anew");
  }
  const auto earliest = std::max(at + std::chrono::days(last.votes.notice_days), last.effective);
  if (next.effective < earliest) {
    return complaint(
        Errc::notice_not_kept, file,
        fmt::format("takes effect before charter {}'s notice of {} days is over", last.seq, last.votes.notice_days),
        "let it take effect from " + time_text(earliest + std::chrono::seconds(1)));
  }
  return {};
}

Verdict<void> check_mandate(const SignedFile& file, const Charter& next, const Charter& last, const Mandate& mandate) {
  const auto parts = parts_that_need_a_vote(last, next);
  if (parts.empty() || mandate.contains(identity(file.octets))) return {};
  const auto what = fmt::format("{}", fmt::join(parts, ", "));
  return complaint(
      Errc::needs_vote, file, fmt::format("changes {}, which needs an accepted vote result", what),
      fmt::format("have the members vote on exactly this file, or leave {} as charter {} has it", what, last.seq));
}

Verdict<void> check_signatures(const SignedFile& file, const Charter& next, const Charter& last, base::Time at,
                               const SignaturesSeen* seen) {
  std::vector<Maintainer> known = last.maintainers;
  known.insert(known.end(), next.maintainers.begin(), next.maintainers.end());
  const auto comment = trusted_comment("charter", next.pod, next.seq, identity(file.octets));
  const auto signers = verified_signers(file, comment, known, seen);
  if (!signers) return signers.error();
  if (auto old_side = require_threshold(file, *signers, last, at); !old_side) return old_side;
  // The newly named maintainers' terms may begin only with the charter.
  return require_threshold(file, *signers, next, next.effective);
}

}  // namespace

std::vector<std::string_view> parts_that_need_a_vote(const Charter& last, const Charter& next) {
  std::vector<std::string_view> out;
  if (next.threshold != last.threshold) out.emplace_back("threshold");
  if (next.votes != last.votes) out.emplace_back("[votes]");
  if (next.recovery != last.recovery) out.emplace_back("[recovery]");
  if (next.privacy != last.privacy) out.emplace_back("[privacy]");
  return out;
}

Verdict<CharterChain> CharterChain::found(const SignedFile& file, const Hash& pinned) {
  const Hash id = identity(file.octets);
  if (id != pinned) {
    return complaint(
        Errc::not_the_pinned_charter, file,
        fmt::format("has SHA-256 {}, but {} is pinned", base::hex(base::octets(id)), base::hex(base::octets(pinned))),
        "restore the first charter; correct the pin only if you know that it is wrong");
  }
  auto charter = parse_charter(file.octets, file.name);
  if (!charter) return charter.error();
  if (charter->seq != 1) {
    return complaint(Errc::sequence_gap, file, fmt::format("has seq {}", charter->seq), "the first charter has seq 1");
  }
  if (auto valid = check_validity(file, *charter); !valid) return valid.error();
  const auto comment = trusted_comment("charter", charter->pod, charter->seq, id);
  const auto signers = verified_signers(file, comment, charter->maintainers);
  if (!signers) return signers.error();
  if (auto enough = require_threshold(file, *signers, *charter, charter->effective); !enough) return enough.error();
  return CharterChain(Accepted{std::move(*charter), id});
}

Verdict<void> CharterChain::accept(const SignedFile& file, base::Time at, const Mandate& mandate,
                                   const SignaturesSeen* seen) {
  auto parsed = parse_charter(file.octets, file.name);
  if (!parsed) return parsed.error();
  const Charter& next = *parsed;
  if (auto v = check_sequence(file, next, latest(), latest_identity()); !v) return v;
  if (auto v = check_validity(file, next); !v) return v;
  if (auto v = check_times(file, next, latest(), at); !v) return v;
  if (auto v = check_signatures(file, next, latest(), at, seen); !v) return v;
  if (auto v = check_mandate(file, next, latest(), mandate); !v) return v;
  charters_.push_back(Accepted{std::move(*parsed), identity(file.octets)});
  accepted_at_.push_back(at);
  return {};
}

void CharterChain::elect(const std::vector<Maintainer>& elected, base::Time at) {
  const auto in_force = charter_in_force(at);
  for (auto accepted = charters_.begin() + in_force; accepted != charters_.end(); ++accepted) {
    accepted->charter.maintainers = elected;
  }
}

std::ptrdiff_t CharterChain::charter_in_force(base::Time time) const {
  auto index = std::ssize(charters_) - 1;
  while (index > 0 && charters_[static_cast<std::size_t>(index)].charter.effective > time) --index;
  return index;
}

const Charter& CharterChain::at(base::Time time) const {
  return charters_[static_cast<std::size_t>(charter_in_force(time))].charter;
}

std::vector<base::ByteArray<32>> CharterChain::pod_keys(base::Time since) const {
  auto first = static_cast<std::size_t>(charter_in_force(since));
  while (first > 0 && !charters_[first].charter.federation.pod_key) --first;
  std::vector<base::ByteArray<32>> keys;
  for (const auto& accepted : std::span(charters_).subspan(first)) {
    const auto& key = accepted.charter.federation.pod_key;
    if (!key) continue;
    std::erase(keys, *key);
    keys.push_back(*key);
  }
  return keys;
}

}  // namespace mailpod::governance
