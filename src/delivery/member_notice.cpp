#include <mailpod/delivery/member_notice.hpp>

#include <mailpod/base/bytes.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "pod_mail.hpp"
#include "report_prefix.hpp"

namespace mailpod::delivery {

Result<store::Arrival> put_notice(const members::Household& house, MemberId member, const MemberNotice& notice) {
  const auto directory = house.directory.state();
  const members::Person* person = directory->find(member);
  if (person == nullptr || person->addresses.empty()) return smtp::Errc::no_such_mailbox;
  const auto address = person->addresses.front().str();
  const auto domain = directory->domains().front();
  const std::string folder = base::join(house.members, member.str());
  const auto card = store::read_card(house.disk, folder, member, house.pod_key.public_key());
  const auto now = house.clock.now();
  const auto id = base::hex(base::octets(house.entropy.bytes<8>()));
  const auto prefix = report_prefix({address, domain, id, now});
  if (!card || !prefix) return smtp::Errc::mailbox_unavailable;

  const auto octets =
      *prefix + write_pod_mail({domain, address, notice.subject, now, notice.text, notice.in_reply_to}, house.entropy);
  const base::MemorySource source(octets);
  store::Delivery delivery({house.disk, house.clock, house.entropy, house.pod_key});
  const store::Draft draft{source, message::scan(source), "", address, now, "", notice.system_flags, ""};
  if (const Status prepared = delivery.prepare(folder, *card, draft); !prepared) return prepared.error();
  auto arrival = std::move(delivery.commit().front());
  house.log.info("delivery.notice id={} member={} octets={}", id, member.str(), octets.size());
  return arrival;
}

}  // namespace mailpod::delivery
