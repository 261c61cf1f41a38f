#include "slot_news.hpp"

#include <system_error>

#include <fmt/format.h>

#include <mailpod/delivery/member_notice.hpp>

#include "person_json.hpp"

namespace mailpod::admin {
namespace {

constexpr std::string_view words = R"({what}

This happened on {day} at {time} UTC, at {domain}.

If it was you, there is nothing to do.

If it was not, somebody else has one of your secrets. Take one that they do
not have, and go with it to whoever runs {domain}:

    mailpod app-password list {name}
        shows everything that opens your mail
    mailpod app-password revoke {name} DEVICE
        ends what is not yours
    mailpod password {name}
        makes a new password; your recovery code will do
    mailpod forward clear {name}
        ends it that your mail goes elsewhere
    mailpod vault archive clear {name}
        ends it that another key opens what comes
    mailpod vault rekey {name}
        gives your mail new keys, if they may have copied it

Nobody can do this without one of your secrets.
)";

std::string text_of(const std::string& name, const std::string& domain, base::Time now, const std::string& what) {
  const auto when = time_text(now);
  return fmt::format(fmt::runtime(words), fmt::arg("what", what), fmt::arg("day", when.substr(0, 10)),
                     fmt::arg("time", when.substr(11, 5)), fmt::arg("domain", domain), fmt::arg("name", name));
}

}  // namespace

void tell(const Premises& premises, std::string_view address, const SlotNews& news) {
  const auto directory = premises.directory.state();
  const auto* person = find_person(*directory, address);
  if (person == nullptr || person->addresses.empty()) return;
  auto& log = premises.household.log;
  const auto text =
      text_of(person->addresses.front().local_part, directory->domains().front(), premises.clock.now(), news.what);
  try {
    auto arrival = delivery::put_notice(premises.household, person->id, {news.subject, text});
    if (!arrival.has_value()) {
      log.warning("slot news not told member={} reason=\"{}\"", person->id.str(), arrival.error().message());
    } else if (premises.daemon != nullptr) {
      premises.daemon->announce(person->id, std::move(*arrival));
    }
  } catch (const std::system_error& failure) {
    log.warning("slot news not told member={} reason=\"{}\"", person->id.str(), base::printable(failure.what()));
  }
}

void end_sessions_of(const Premises& premises, std::string_view address) {
  const auto directory = premises.directory.state();
  const auto* person = find_person(*directory, address);
  if (person != nullptr && premises.daemon != nullptr) premises.daemon->close_sessions(person->id);
}

}  // namespace mailpod::admin
