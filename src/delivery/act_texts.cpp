#include <mailpod/delivery/act_texts.hpp>

#include <algorithm>
#include <set>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/message/scanner.hpp>

#include "pod_mail.hpp"
#include "report_prefix.hpp"

namespace mailpod::delivery {
namespace {

using governance::ActText;
using governance::CommittedText;
using governance::Hash;

constexpr std::uint8_t version = 1;
constexpr std::uint64_t largest_file = 64 * 1024;
constexpr std::size_t act_name = 64;  // hexadecimal digits; a dispute's parties have 32

std::string name_of(const Hash& act) {
  return base::hex(base::octets(act));
}

std::string name_of(const governance::DisputeId& dispute) {
  return base::hex(base::octets(dispute));
}

std::string associated(const std::string& name) {
  return "mailpod/v1/text/" + name;
}

/// The same for one act and member, whoever delivers, and however often.
store::MessageId message_for(const Hash& act, MemberId member) {
  crypto::Sha256 hash;
  hash.update("mailpod/v1/text").update(base::octets(act)).update(member.str());
  return base::byte_array<16>(base::octets(hash.finish()).substr(0, 16)).value();
}

Hash act_of(const std::string& name) {
  return base::byte_array<32>(base::unhex(name).value()).value();
}

/// As the record has them, for an opening says who gets what follows, until it is closed.
std::vector<std::string> in_order(std::vector<std::string> names, const governance::Roster& roster) {
  const auto turn = [&](const std::string& name) {
    const auto found = roster.texts().find(act_of(name));
    if (found == roster.texts().end()) return std::pair(base::Time::max(), 0);
    const auto& text = found->second;
    if (!text.dispute) return std::pair(text.at, 0);
    const auto& dispute = roster.disputes().at(*text.dispute);
    if (text.at == dispute.opened) return std::pair(text.at, 0);
    return std::pair(text.at, dispute.closed == text.at ? 2 : 1);
  };
  std::ranges::stable_sort(names, {}, turn);
  return names;
}

bool is_in(const std::vector<MemberId>& all, MemberId one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

struct ActTexts::Kept {
  base::Time until;
  std::string octets;
};

ActTexts::ActTexts(members::Household house, std::string folder)
    : house_(house),
      folder_(std::move(folder)),
      // The pod key outlives server keys, so that nothing here is sealed anew when these change.
      key_(crypto::hkdf_key(house.arena, house.pod_key.seed().octets(), {}, "mailpod/v1/texts")) {}

void ActTexts::seal(const std::string& name, const Kept& kept) {
  base::Encoder plaintext;
  plaintext.u64(base::to_seconds(kept.until)).fixed(kept.octets);
  base::Encoder file;
  file.u8(version).fixed(crypto::seal(key_, house_.entropy, associated(name), plaintext.str()));
  if (!house_.disk.status(folder_)) {
    house_.disk.make_directory(folder_);
    const auto slash = folder_.find_last_of('/');
    house_.disk.sync_directory(slash == std::string::npos ? "." : folder_.substr(0, slash));
  }
  base::replace_file(house_.disk, base::join(folder_, name), file.str());
}

std::optional<ActTexts::Kept> ActTexts::read(const std::string& name) const {
  const auto path = base::join(folder_, name);
  if (!house_.disk.status(path)) return std::nullopt;
  const auto file = base::read_file(house_.disk, path, largest_file);
  base::Decoder decoder(file);
  const auto opened = decoder.u8() == version ? crypto::open(key_, associated(name), decoder.rest())
                                              : Result<std::string>(crypto::Errc::not_authentic);
  if (!opened) {
    house_.log.error("text unreadable file={}", base::printable(path));
    return std::nullopt;
  }
  base::Decoder plaintext(*opened);
  const auto until = base::from_seconds(plaintext.u64());
  return Kept{until, std::string(plaintext.rest())};
}

std::vector<std::string> ActTexts::names() const {
  std::vector<std::string> out;
  if (!house_.disk.status(folder_)) return out;
  for (const auto& entry : house_.disk.list(folder_)) {
    if (entry.name.size() == act_name && base::unhex(entry.name)) out.push_back(entry.name);
  }
  std::ranges::sort(out);
  return out;
}

void ActTexts::forget(const std::string& name) {
  const auto path = base::join(folder_, name);
  if (!house_.disk.status(path)) return;
  house_.disk.unlink(path);
  house_.disk.sync_directory(folder_);
}

void ActTexts::keep(const Hash& act, std::string_view octets, base::Time until) {
  seal(name_of(act), {until, std::string(octets)});
}

std::optional<std::string> ActTexts::find(const Hash& act) const {
  auto kept = read(name_of(act));
  if (!kept) return std::nullopt;
  return std::move(kept->octets);
}

std::vector<ActTexts::Told> ActTexts::deliver() {
  std::vector<Told> told;
  const auto roster = house_.registry.gate().roster();
  for (const auto& name : in_order(names(), *roster)) {
    const auto act = act_of(name);
    const auto kept = read(name);
    if (!kept) continue;  // by another pod key: it is for people to look at
    const auto found = roster->texts().find(act);
    if (found == roster->texts().end()) {
      if (kept->until <= house_.clock.now()) forget(name);
      continue;
    }
    const auto words = governance::parse_act_text(kept->octets, name);
    if (!words || crypto::sha256(kept->octets) != found->second.commitment) {
      house_.log.error("text differs from its act, and is not delivered act={}", name);
      forget(name);
      continue;
    }
    for (const auto& member : readers(found->second, *words)) {
      if (auto arrival = put(act, *words, member)) told.push_back({member, std::move(*arrival)});
    }
    finish(found->second, *words, name);
  }
  return told;
}

/// Of a dispute: its parties, as its opening named them, and the maintainers of that time.
std::vector<MemberId> ActTexts::readers(const CommittedText& text, const ActText& words) const {
  std::vector<MemberId> out;
  const auto roster = house_.registry.gate().roster();
  if (!text.dispute) {
    for (const auto& [member, standing] : roster->standings()) {
      if (!standing.expelled && standing.admitted <= text.at) out.push_back(member);
    }
    return out;
  }
  auto parties = words.parties;
  if (const auto kept = parties.empty() ? read(name_of(*text.dispute)) : std::nullopt) {
    const auto opening = governance::parse_act_text(kept->octets, "the opening");
    if (opening) parties = opening->parties;
  }
  for (const auto& party : parties) {
    const auto* standing = roster->find(party);
    if (standing != nullptr && !standing->expelled) out.push_back(party);
  }
  for (const auto& maintainer : roster->charters().at(text.at).maintainers) {
    if (maintainer.member && maintainer.in_term(text.at) && !is_in(out, *maintainer.member))
      out.push_back(*maintainer.member);
  }
  return out;
}

/// Nothing if they have it, or cannot get mail yet.
std::optional<store::Arrival> ActTexts::put(const Hash& act, const ActText& words, MemberId member) {
  const auto directory = house_.directory.state();
  const auto* person = directory->find(member);
  if (person == nullptr || person->addresses.empty() || !person->has_card()) return std::nullopt;
  const auto folder = base::join(house_.members, member.str());
  const auto id = message_for(act, member);
  if (store::holds_message(house_.disk, folder, id)) return std::nullopt;
  const auto address = person->addresses.front().str();
  const auto domain = directory->domains().front();
  const auto now = house_.clock.now();
  const auto card = store::read_card(house_.disk, folder, member, house_.pod_key.public_key());
  const auto prefix = report_prefix({address, domain, base::hex(base::octets(id)), now});
  if (!card || !prefix) {
    house_.log.error("text not delivered: no card member={}", member.str());
    return std::nullopt;
  }
  const auto octets =
      *prefix + write_act_mail({domain, address, words.subject, now, write_act_text(words)}, act, house_.entropy);
  const base::MemorySource source(octets);
  const auto structure = message::scan(source);
  store::Delivery delivery({house_.disk, house_.clock, house_.entropy, house_.pod_key});
  const store::Draft draft{source, structure, "", address, now, "", 0, "", id};
  if (!delivery.prepare(folder, *card, draft)) return std::nullopt;
  auto arrival = std::move(delivery.commit().front());
  house_.log.info("delivery.text act={} member={} octets={}", name_of(act), member.str(), octets.size());
  return arrival;
}

/// A dispute's later texts go to those whom its opening named.
void ActTexts::finish(const CommittedText& text, const ActText& words, const std::string& name) {
  if (text.dispute) {
    const auto parties = name_of(*text.dispute);
    const auto& dispute = house_.registry.gate().roster()->disputes().at(*text.dispute);
    if (!words.parties.empty()) seal(parties, {dispute.until, write_act_text(words)});
    if (words.parties.empty() && dispute.closed && text.at == *dispute.closed) forget(parties);
  }
  forget(name);
}

}  // namespace mailpod::delivery
