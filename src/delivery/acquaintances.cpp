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
constexpr std::uint64_t day = 24ULL * 3600;
constexpr std::uint64_t fades_every = 3600;
constexpr std::uint64_t remembers_correspondents = 365 * day;
constexpr std::size_t most_of_a_member = 2000;

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
  try {
    if (!ports_.disk.status(path_)) return;
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

void Acquaintances::wrote_to(MemberId member, const Pair& pair) {
  const std::lock_guard lock(mutex_);
  const auto key =
      tag(Kind::correspondent, joined({member.str(), compared_address(pair.own), compared_address(pair.theirs)}));
  const auto whose = tag(Kind::correspondent, member.str());
  const std::uint32_t number = std::uint32_t{whose[0]} << 24U | std::uint32_t{whose[1]} << 16U |
                               std::uint32_t{whose[2]} << 8U | std::uint32_t{whose[3]};
  if (!memories_.of(Kind::correspondent).contains(key)) make_room_for(number);
  Memory& known = remembered(Kind::correspondent, key);
  known.last = now();
  known.counts[0] = number;
}

/// One member's letters do not make others forget.
void Acquaintances::make_room_for(std::uint32_t member) {
  auto& table = memories_.of(Kind::correspondent);
  std::size_t theirs = 0;
  auto oldest = table.end();
  for (auto one = table.begin(); one != table.end(); ++one) {
    if (one->second.counts[0] != member) continue;
    ++theirs;
    if (oldest == table.end() || one->second.last < oldest->second.last) oldest = one;
  }
  if (theirs >= most_of_a_member) table.erase(oldest);
}

bool Acquaintances::has_written_to(MemberId member, const Pair& pair) const {
  const std::lock_guard lock(mutex_);
  const auto key =
      tag(Kind::correspondent, joined({member.str(), compared_address(pair.own), compared_address(pair.theirs)}));
  const auto& table = memories_.of(Kind::correspondent);
  const auto found = table.find(key);
  return found != table.end() && now() <= found->second.last + remembers_correspondents;
}

/// Who still waits is not forgotten for another who begins to: else whoever sends enough makes everybody wait for ever.
bool Acquaintances::has_room_to_wait(const StrangerRules& rules) {
  auto& table = memories_.of(Kind::greylisted);
  const std::size_t most = most_remembered(Kind::greylisted);
  const std::uint64_t at = now();
  if (table.size() < most) return true;
  if (at < full_until_) return false;
  std::erase_if(table, [&](const auto& one) {
    const Memory& known = one.second;
    const auto span = static_cast<std::uint64_t>((known.counts[0] != 0 ? rules.memory : rules.window).count());
    return (known.counts[0] != 0 ? known.last : known.first) + span < at;
  });
  const auto passed = std::ranges::count_if(table, [](const auto& one) { return one.second.counts[0] != 0; });
  if (table.size() >= most && static_cast<std::size_t>(passed) > most / 2)
    std::erase_if(table, [at](const auto& one) { return one.second.counts[0] != 0 && one.second.last + 7 * day < at; });
  if (table.size() < most) return true;
  // It is not looked through for each of a flood.
  full_until_ = at + 60;
  return false;
}

std::chrono::seconds Acquaintances::greylist(std::string_view origin, std::string_view sender,
                                             std::string_view recipient, const StrangerRules& rules) {
  const std::lock_guard lock(mutex_);
  const auto key = tag(Kind::greylisted, joined({origin, compared_domain(sender), compared_address(recipient)}));
  const std::uint64_t at = now();
  const auto within = [at](std::uint64_t since, std::chrono::seconds span) {
    return since <= at && at - since <= static_cast<std::uint64_t>(span.count());
  };
  if (!memories_.of(Kind::greylisted).contains(key) && !has_room_to_wait(rules)) return std::chrono::seconds(0);
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
  // Not at each of many: rounded each time, counts would never fade, or always by one.
  if (at >= known.last + fades_every) {
    for (std::uint32_t& count : known.counts)
      count = static_cast<std::uint32_t>(std::lround(faded(count, known.last, at)));
    known.last = at;
  }
  constexpr std::uint32_t most = 1U << 24U;
  std::uint32_t& count = known.counts.at(what);
  count = std::min(most, count + static_cast<std::uint32_t>(whole));
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
  Memories copy;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_) return;
    copy = memories_;
    changed_ = false;
  }
  try {
    const std::string octets = encode(copy);
    base::replace_file(ports_.disk, path_,
                       head() + crypto::seal(ports_.key(), ports_.entropy, associated(head()), octets));
  } catch (const std::system_error&) {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    throw;
  }
}

}  // namespace mailpod::delivery
