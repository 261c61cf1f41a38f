#include <mailpod/delivery/returns.hpp>

#include <system_error>
#include <utility>

#include <mailpod/base/bytes.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/smtp/mailroom.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vaults.hpp>

#include "report_prefix.hpp"

namespace mailpod::delivery {

using boost::asio::awaitable;

struct Returns::Report {
  MemberId member;
  std::string address;
  std::string id;
  store::Arrival arrival;  ///< once it is in the vault
};

awaitable<Status> Returns::give_back(MemberId member, const base::OctetSource& notification) {
  const auto directory = ports_.directory.state();
  const members::Person* person = directory->find(member);
  if (person == nullptr || person->addresses.empty()) co_return smtp::Errc::no_such_mailbox;
  if (!person->has_card()) co_return smtp::Errc::mailbox_unavailable;
  Report report{member, person->addresses.front().str(), base::hex(base::octets(ports_.entropy.bytes<8>())), {}};
  const auto put_it = [&] { return put(report, notification); };
  const Status done = co_await ports_.pool.run(put_it);
  if (!done) co_return done.error();
  ports_.vaults.announce(member, std::move(report.arrival));
  ports_.log.info("delivery.returned id={} member={} octets={}", report.id, member.str(), notification.size());
  co_return Status{};
}

Status Returns::put(Report& report, const base::OctetSource& notification) {
  const std::string folder = base::join(settings_.members, report.member.str());
  const auto card = store::read_card(ports_.disk, folder, report.member, ports_.pod_key.public_key());
  const auto now = ports_.clock.now();
  const auto prefix = report_prefix({report.address, settings_.host_name, report.id, now});
  // A card that is damaged can be restored; the report must not be lost until then.
  if (!card || !prefix) throw std::system_error(std::make_error_code(std::errc::io_error), "card");

  const base::PrefixedSource octets(*prefix, notification);
  const message::Structure structure = message::scan(octets);

  store::Delivery delivery({ports_.disk, ports_.clock, ports_.entropy, ports_.pod_key});
  const store::Draft draft{octets, structure, "", report.address, now, "", 0, ""};
  const Status prepared = delivery.prepare(folder, *card, draft);
  if (!prepared) return smtp::Errc::too_big;
  report.arrival = std::move(delivery.commit().front());
  return {};
}

}  // namespace mailpod::delivery
