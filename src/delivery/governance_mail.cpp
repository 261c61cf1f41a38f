#include <algorithm>

#include <mailpod/delivery/quotas.hpp>
#include <mailpod/delivery/signed_mail.hpp>
#include <mailpod/net/pool.hpp>

#include "automatic.hpp"
#include "pod_letter.hpp"

// Mail to the pod's governance address: signed files are heard, all else is somebody's.
namespace mailpod::delivery {

using boost::asio::awaitable;

awaitable<Status> PodLetter::hear_signed_files() {
  if (!envelope_.circumstances.destinations.governance) co_return Status{};
  const auto take = [this] { return take_signed_files(); };
  const auto readers = co_await ports_.pool.run(take);
  if (!readers) co_return readers.error();
  if (ports_.quotas == nullptr || readers->empty()) co_return Status{};
  // Nobody knew before the message was here whether it is anybody's mail.
  auto considering = ports_.quotas->consider(*readers);
  const Status room = co_await std::move(considering);
  co_return room;
}

/// What brings signed files is judged, and kept nowhere; what brings none is mail for whoever has the role.
/// Whose vaults it goes to therefore.
Result<std::vector<MemberId>> PodLetter::take_signed_files() {
  Destinations& destinations = envelope_.circumstances.destinations;
  const auto mail = read_signed_mail(spool_, structure_);
  if (!mail.files.empty()) {
    ports_.log.info("governance.mail id={} files={}", envelope_.id, mail.files.size());
    ports_.chancery->take(mail, correspondent());
    return std::vector<MemberId>();
  }
  const Routes routes{ports_.directory, ports_.gate, ports_.clock, settings_.separator};
  const auto readers = members_for(routes, {std::string(governance_address), {}});
  if (!readers) return readers.error();
  for (const MemberId& reader : *readers) {
    const bool known = std::ranges::find(destinations.local, reader, &Destination::member) != destinations.local.end();
    if (!known) destinations.local.push_back({reader, destinations.governance->address});
  }
  return readers;
}

/// Whom an answer cannot surprise: who logged in, or whose domain says that it is them; and no machine. RFC 3834 §2.
std::optional<Chancery::Correspondent> PodLetter::correspondent() const {
  const auto& facts = scanner_.facts();
  if (envelope_.reverse_path.empty() || is_automatic(facts, spool_)) return std::nullopt;
  Chancery::Correspondent from;
  from.message_id = structure_.envelope.message_id.value_or("");
  if (envelope_.login) {
    from.member = envelope_.login->member;
    return from;
  }
  const auto& authors = facts.from_addresses.addresses;
  if (!author_shown_ || authors.size() != 1) return std::nullopt;
  // Who is one of us would have logged in.
  if (ports_.directory.state()->serves(authors.front().host)) return std::nullopt;
  from.address = authors.front().address();
  return from;
}

bool PodLetter::goes_nowhere() const {
  const Destinations& to = envelope_.circumstances.destinations;
  return to.governance && to.local.empty() && to.onward.empty() && to.remote.empty();
}

}  // namespace mailpod::delivery
