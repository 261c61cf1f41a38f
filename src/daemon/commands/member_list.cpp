#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

void say_person(const json& person) {
  std::string addresses;
  for (const auto& address : person.at("addresses"))
    addresses += (addresses.empty() ? "" : ", ") + address.get<std::string>();
  const std::string until =
      person.contains("suspended_until") ? ", suspended until " + person.at("suspended_until").get<std::string>() : "";
  say("{}  {}  {}{}\n", person.at("member").get<std::string>(), addresses, person.at("progress").get<std::string>(),
      until);
}

void say_usage(const json& person) {
  const auto number = [&](const char* name) { return person.at(name).get<std::uint64_t>(); };
  constexpr double mib = 1024.0 * 1024.0;
  say("keeps               {:.1f} MiB of {:.0f} MiB\n", static_cast<double>(number("usage_octets")) / mib,
      static_cast<double>(number("quota_octets")) / mib);
  const auto most = number("quota_messages");
  say("messages            {}{}\n", number("usage_messages"), most == 0 ? "" : fmt::format(" of {}", most));
  if (person.contains("full_since")) say("full since          {}\n", person.at("full_since").get<std::string>());
}

}  // namespace

int member_list(const MemberOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto answer = office.ask("member.list", json::object());
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  for (const auto& person : answer->at("members")) say_person(person);
  return 0;
}

int member_show(const MemberOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto answer = office.ask("member.show", {{"who", options.names.front()}});
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  say_person(*answer);
  say_usage(*answer);
  if (answer->contains("admitted")) say("admitted            {}\n", answer->at("admitted").get<std::string>());
  if (answer->contains("address_commitment"))
    say("address commitment  {}\n", answer->at("address_commitment").get<std::string>());
  say("salt                {}\n", answer->at("salt").get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
