#include <mailpod/guard/buckets.hpp>

#include <algorithm>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

namespace mailpod::guard {
namespace {

using std::chrono::microseconds;

/// For one token to come back. A rate of nothing gives it back within a day: a bucket must be full again some time.
microseconds interval_of(const Rate& rate) {
  return rate.an_hour == 0 ? microseconds(std::chrono::hours(24)) : microseconds(std::chrono::hours(1)) / rate.an_hour;
}

}  // namespace

Buckets::Buckets(std::size_t places, base::Clock& clock, base::Entropy& entropy)
    : clock_(clock),
      secret_(base::octets(entropy.bytes<32>())),
      sets_(std::max<std::size_t>(1, (places + places_of_a_set - 1) / places_of_a_set)) {}

Buckets::Found Buckets::find(std::string_view key) {
  const auto digest = crypto::hmac_sha256(secret_, key);
  base::Decoder decoder(base::octets(digest));
  const auto index = static_cast<std::size_t>(decoder.u64() % sets_.size());
  // 0 marks an empty place.
  const auto tag = std::max<std::uint64_t>(1, decoder.u64());
  return {sets_[index], tag, mutexes_[index % stripes]};
}

bool Buckets::draw(std::string_view key, const Rate& rate, std::uint32_t tokens, Overdraft overdraft) {
  const auto interval = interval_of(rate);
  const auto capacity = interval * std::max(1U, rate.burst);
  const Found found = find(key);
  const std::lock_guard lock(found.mutex);
  const auto now = clock_.monotonic();
  auto place = std::ranges::find(found.set, found.tag, &Place::tag);
  // Its own, or one that says nothing, or the one that will say nothing soonest.
  if (place == found.set.end()) place = std::ranges::min_element(found.set, {}, &Place::full_at);
  const auto before = place->tag == found.tag ? std::max(place->full_at, now) : now;
  auto after = before + interval * tokens;
  if (after > now + capacity) {
    if (overdraft == Overdraft::refused) return false;
    after = now + capacity;
  }
  if (tokens > 0) *place = {found.tag, after};
  return true;
}

bool Buckets::take(std::string_view key, const Rate& rate, std::uint32_t tokens) {
  return draw(key, rate, tokens, Overdraft::refused);
}

void Buckets::charge(std::string_view key, const Rate& rate, std::uint32_t tokens) {
  draw(key, rate, tokens, Overdraft::granted);
}

bool Buckets::holds(std::string_view key, const Rate& rate, std::uint32_t tokens) {
  const auto interval = interval_of(rate);
  const Found found = find(key);
  const std::lock_guard lock(found.mutex);
  const auto now = clock_.monotonic();
  const auto place = std::ranges::find(found.set, found.tag, &Place::tag);
  const auto before = place == found.set.end() ? now : std::max(place->full_at, now);
  return before + interval * tokens <= now + interval * std::max(1U, rate.burst);
}

}  // namespace mailpod::guard
