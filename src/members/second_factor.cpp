#include "second_factor.hpp"

#include <algorithm>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/one_time_code.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::members {
namespace {

constexpr std::size_t octets_of_a_backup_code = 10;  // 80 bits: nobody guesses one from its hash
constexpr std::size_t backup_codes = 10;
constexpr std::size_t octets_of_a_key = 20;  // RFC 4226 §4 R6
constexpr std::uint64_t tolerated_steps = 1;

std::optional<base::ByteArray<32>> backup_hash(std::string_view typed) {
  auto octets = text::parse_code(typed);
  if (!octets || octets->size() != octets_of_a_backup_code) return std::nullopt;
  const auto hash = crypto::sha256(*octets);
  crypto::wipe(*octets);
  return hash;
}

/// Whether it was there, once.
bool use_up(SecondFactor& factor, const base::ByteArray<32>& hash) {
  return std::erase(factor.backup_codes, hash) > 0;
}

}  // namespace

bool CodeGuesses::may_try(MemberId member, std::chrono::microseconds now) {
  const std::scoped_lock lock(mutex_);
  const auto known = failures_.find(member);
  if (known == failures_.end()) return true;
  auto& failures = known->second;
  while (!failures.empty() && now - failures.front() >= within) failures.pop_front();
  if (!failures.empty()) return failures.size() < most;
  failures_.erase(known);
  return true;
}

void CodeGuesses::failed(MemberId member, std::chrono::microseconds now) {
  const std::scoped_lock lock(mutex_);
  failures_[member].push_back(now);
}

void CodeGuesses::succeeded(MemberId member) {
  const std::scoped_lock lock(mutex_);
  failures_.erase(member);
}

std::string_view code_key(const crypto::Key& second_factor) {
  return second_factor.octets().substr(0, octets_of_a_key);
}

std::optional<std::uint64_t> step_of(const crypto::Key& second_factor, std::string_view code, base::Time now) {
  const auto current = crypto::time_step(base::to_seconds(now));
  std::optional<std::uint64_t> found;
  for (auto step = current - tolerated_steps; step <= current + tolerated_steps; ++step) {
    if (crypto::equal_in_constant_time(crypto::one_time_code(code_key(second_factor), step), code)) found = step;
  }
  return found;
}

Status check_second_factor(const Household& house, CodeGuesses& guesses, const CodeClaim& claim) {
  if (claim.code.empty()) return make_error_code(Errc::code_needed);
  const MemberId id = claim.person.id;
  if (!guesses.may_try(id, house.clock.monotonic())) return make_error_code(Errc::too_many_codes);
  const auto step = step_of(claim.second_factor, claim.code, house.clock.now());
  const auto hash = step ? std::nullopt : backup_hash(claim.code);
  bool taken = false;
  if (step || hash) {
    // Looked at and used up in one: the same code counts once, however many give it at a time.
    const auto use = [&](Person& person) {
      auto factor = person.second_factor.value_or(SecondFactor{});
      taken = step ? *step > factor.last_step : use_up(factor, *hash);
      if (taken && step) factor.last_step = *step;
      if (taken) person.second_factor = std::move(factor);
    };
    if (const auto changed = house.directory.change({&id, 1}, use); !changed) return changed;
  }
  if (!taken) {
    guesses.failed(id, house.clock.monotonic());
    return make_error_code(Errc::wrong_code);
  }
  guesses.succeeded(id);
  return {};
}

BackupCodes make_backup_codes(base::Entropy& entropy) {
  BackupCodes out;
  for (std::size_t i = 0; i < backup_codes; ++i) {
    auto octets = entropy.bytes<octets_of_a_backup_code>();
    out.told.push_back(text::write_code(base::octets(octets)));
    out.kept.backup_codes.push_back(crypto::sha256(base::octets(octets)));
    crypto::wipe(octets);
  }
  std::ranges::sort(out.kept.backup_codes);
  return out;
}

}  // namespace mailpod::members
