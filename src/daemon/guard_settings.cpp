#include "guard_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

/// Two rows: what may come at once, and what may come in the long run.
void add_rate(std::vector<Setting>& rows, std::string_view burst, std::string_view an_hour,
              guard::Rate guard::Settings::* member, std::string_view comment) {
  rows.push_back(
      number("guard", burst, {1, 1'000'000}, [member](auto& c) -> auto& { return (c.guard.*member).burst; }, comment));
  rows.push_back(number(
      "guard", an_hour, {1, 100'000'000}, [member](auto& c) -> auto& { return (c.guard.*member).an_hour; },
      "And in the long run, of these."));
}

}  // namespace

void add_guard_settings(std::vector<Setting>& rows) {
  using S = guard::Settings;
  rows.push_back(networks(
      "guard", "exempt", [](auto& c) -> auto& { return c.guard.exempt; },
      "Networks whose addresses are not counted, such as that of a webmail of your own."));
  add_rate(
      rows, "failed_logins_of_address", "failed_logins_of_address_an_hour", &S::failed_logins_of_address,
      "Of one IPv4 address or IPv6 /64, at once; then it is told to come again later, wherever it has not logged in "
      "before.");
  add_rate(rows, "failed_logins_of_network", "failed_logins_of_network_an_hour", &S::failed_logins_of_network,
           "Of one IPv4 /24 or IPv6 /48; then logins from there wait, wherever they have not succeeded before.");
  add_rate(rows, "failed_logins_of_account", "failed_logins_of_account_an_hour", &S::failed_logins_of_account,
           "For one name; then logins under it wait, from wherever it has not logged in before.");
  rows.push_back(milliseconds(
      "guard", "login_delay_milliseconds", {0, 30'000}, [](auto& c) -> auto& { return c.guard.login_delay; },
      "How long they wait."));
  add_rate(rows, "connections_of_address", "connections_of_address_an_hour", &S::connections_of_address,
           "To port 25, of one IPv4 address or IPv6 /64, at once; then 421.");
  add_rate(rows, "connections_of_network", "connections_of_network_an_hour", &S::connections_of_network,
           "To port 25, of one IPv4 /24 or IPv6 /48.");
  add_rate(rows, "visits_of_address", "visits_of_address_an_hour", &S::visits_of_address,
           "Connections to the ports of HTTP, of one IPv4 address or IPv6 /64, at once; then they are closed.");
  add_rate(rows, "visits_of_network", "visits_of_network_an_hour", &S::visits_of_network,
           "The same, of one IPv4 /24 or IPv6 /48.");
  add_rate(rows, "messages_of_address", "messages_of_address_an_hour", &S::messages_of_address,
           "To port 25; then 450.");
  add_rate(rows, "messages_of_network", "messages_of_network_an_hour", &S::messages_of_network,
           "To port 25; then 450.");
  add_rate(rows, "recipients_of_address", "recipients_of_address_an_hour", &S::recipients_of_address,
           "On port 25; then 450.");
  add_rate(rows, "recipients_of_network", "recipients_of_network_an_hour", &S::recipients_of_network,
           "On port 25; then 450.");
  add_rate(rows, "messages_of_member", "messages_of_member_an_hour", &S::messages_of_member,
           "Of one member, at once; then 450. The charter's messages_a_day holds besides.");
  add_rate(rows, "recipients_of_member", "recipients_of_member_an_hour", &S::recipients_of_member,
           "Of one member, at once; then 450.");
  add_rate(rows, "remote_recipients_of_member", "remote_recipients_of_member_an_hour", &S::remote_recipients_of_member,
           "At other servers, of one member, at once; then what the member sends is held in the queue, and the "
           "maintainers are told.");
  add_rate(rows, "refused_recipients_of_member", "refused_recipients_of_member_an_hour",
           &S::refused_recipients_of_member, "The same, of recipients that other servers have refused for good.");
}

}  // namespace mailpod::daemon
