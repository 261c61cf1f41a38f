#include <mailpod/delivery/acquaintances.hpp>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <vector>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/text/ascii.hpp>

#include "exchange.hpp"

namespace mailpod::delivery {
namespace {

using Kind = Memory::Kind;

constexpr std::string_view magic = "MPSG";
constexpr std::uint8_t file_version = 1;
constexpr std::string_view label = "mailpod/v1/strangers";
constexpr std::uint64_t largest_file = 16 * 1024 * 1024;
constexpr std::size_t head_size = 5;
constexpr double half_life_seconds = 14.0 * 24 * 3600;
constexpr double whole = 256;

std::string head() {
  base::Encoder out;
  out.fixed(magic).u8(file_version);
  return out.take();
}

std::string associated(std::string_view of) {
  base::Encoder out;
  out.var(label).var(of);
  return out.take();
}

/// However it is written: the same address is the same correspondent.
std::string compared_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return text::lower(address);
  return text::lower(address.substr(0, at + 1)) + compared_domain(address.substr(at + 1));
}

std::string joined(std::initializer_list<std::string_view> parts) {
  base::Encoder out;
  for (const std::string_view part : parts) out.var(part);
  return out.take();
}

double faded(std::uint32_t count, std::uint64_t since, std::uint64_t now) {
  const double age = now > since ? static_cast<double>(now - since) : 0.0;
  return static_cast<double>(count) * std::exp2(-age / half_life_seconds);
}

/// Those not seen for longest go, some at a time, so that it is not done for each.
void make_room(Memories::Table& table, std::size_t most) {
  if (table.size() < most) return;
  std::vector<std::pair<std::uint64_t, Memories::Tag>> seen;
  for (const auto& [tag, memory] : table) seen.emplace_back(memory.last, tag);
  const auto kept = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 16 + 1);
  std::ranges::nth_element(seen, kept);
  for (auto one = seen.begin(); one != kept; ++one) table.erase(one->second);
}

}  // namespace

Acquaintances::Acquaintances(Ports ports, std::string path) : ports_(std::move(ports)), path_(std::move(path)) {
  memories_.secret = ports_.entropy.bytes<32>();
  if (!ports_.disk.status(path_)) return;
  try {
    const std::string file = base::read_file(ports_.disk, path_, largest_file);
    std::optional<Memories> read;
    if (file.starts_with(head())) {
      const auto octets = crypto::open(ports_.key(), associated(head()), std::string_view(file).substr(head_size));
      if (octets) read = decode_memories(*octets);
    }
    if (read) {
      memories_ = std::move(*read);
    } else {
      ports_.log.warning("strangers.forgotten reason=\"the file cannot be read\"");
    }
  } catch (const std::system_error& failure) {
    ports_.log.warning("strangers.forgotten reason=\"{}\"", failure.code().message());
  }
}

std::uint64_t Acquaintances::now() const {
  return base::to_seconds(ports_.clock.now());
}

Memories::Tag Acquaintances::tag(Kind kind, std::string_view whom) const {
  const std::string octets = std::string(1, static_cast<char>(kind)) + std::string(whom);
  const auto digest = crypto::hmac_sha256(base::octets(memories_.secret), octets);
  return *base::byte_array<16>(base::octets(digest).substr(0, 16));
}

Memory& Acquaintances::remembered(Kind kind, const Memories::Tag& tag) {
  auto& table = memories_.of(kind);
  const auto found = table.find(tag);
  changed_ = true;
  if (found != table.end()) return found->second;
  make_room(table, most_remembered(kind));
  Memory& made = table[tag];
  made.first = made.last = now();
  return made;
}

void Acquaintances::wrote_to(MemberId member, std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto key = tag(Kind::correspondent, joined({member.str(), compared_address(address)}));
  remembered(Kind::correspondent, key).last = now();
}

bool Acquaintances::has_written_to(MemberId member, std::string_view address) const {
  const std::lock_guard lock(mutex_);
  const auto key = tag(Kind::correspondent, joined({member.str(), compared_address(address)}));
  return memories_.of(Kind::correspondent).contains(key);
}

std::chrono::seconds Acquaintances::greylist(std::string_view network, std::string_view sender,
                                             std::string_view recipient, const StrangerRules& rules) {
  const std::lock_guard lock(mutex_);
  const auto key = tag(Kind::greylisted, joined({network, compared_domain(sender), compared_address(recipient)}));
  const std::uint64_t at = now();
  const auto within = [at](std::uint64_t since, std::chrono::seconds span) {
    return since <= at && at - since <= static_cast<std::uint64_t>(span.count());
  };
  Memory& known = remembered(Kind::greylisted, key);
  std::uint32_t& passed = known.counts[0];
  const bool expired = passed != 0 ? !within(known.last, rules.memory) : !within(known.first, rules.window);
  if (expired) known = {at, at, {}};
  known.last = at;
  const std::chrono::seconds waited(at - known.first);
  if (passed == 0 && waited < rules.delay) return rules.delay - waited;
  passed = 1;
  return std::chrono::seconds(0);
}

void Acquaintances::note(Kind kind, std::string_view whom, Memory::Count what) {
  const std::lock_guard lock(mutex_);
  Memory& known = remembered(kind, tag(kind, whom));
  const std::uint64_t at = now();
  for (std::uint32_t& count : known.counts) count = static_cast<std::uint32_t>(faded(count, known.last, at));
  constexpr std::uint32_t most = 1U << 24U;
  std::uint32_t& count = known.counts.at(what);
  count = std::min(most, count + static_cast<std::uint32_t>(whole));
  known.last = at;
}

Acquaintances::Repute Acquaintances::repute(Kind kind, std::string_view whom) const {
  const std::lock_guard lock(mutex_);
  const auto& table = memories_.of(kind);
  const auto found = table.find(tag(kind, whom));
  if (found == table.end()) return {};
  const auto& known = found->second;
  const auto count = [&](Memory::Count what) { return faded(known.counts.at(what), known.last, now()) / whole; };
  return {count(Memory::accepted), count(Memory::junk) + count(Memory::refused) + count(Memory::unknown_recipients)};
}

void Acquaintances::save() {
  const std::lock_guard one_at_a_time(saving_);
  std::string octets;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_) return;
    octets = encode(memories_);
    changed_ = false;
  }
  try {
    base::replace_file(ports_.disk, path_,
                       head() + crypto::seal(ports_.key(), ports_.entropy, associated(head()), octets));
  } catch (const std::system_error&) {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    throw;
  }
}

}  // namespace mailpod::delivery
