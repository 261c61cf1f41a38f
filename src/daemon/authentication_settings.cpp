#include "authentication_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

using delivery::Treatment;

constexpr Choice<Treatment> treatments[] = {
    {"accept", Treatment::accept}, {"junk", Treatment::junk}, {"refuse", Treatment::refuse}};

}  // namespace

void add_authentication_settings(std::vector<Setting>& rows) {
  constexpr std::string_view section = "authentication";
  rows.push_back(flag(
      section, "enabled", [](auto& c) -> auto& { return c.authentication.enabled; },
      "false: nothing is asked, nothing is written into headers, and everything is taken."));
  rows.push_back(choice(
      section, "dmarc_reject", treatments, [](auto& c) -> auto& { return c.authentication.on_reject; },
      "What meets mail that is not shown to come from the domain in From, where that domain asks to reject it. While "
      "DNS "
      "does not say, it is put off (451)."));
  rows.push_back(choice(
      section, "dmarc_quarantine", treatments, [](auto& c) -> auto& { return c.authentication.on_quarantine; },
      "The same, where the domain asks to set it aside."));
  rows.push_back(choice(
      section, "spf_fail", treatments, [](auto& c) -> auto& { return c.authentication.on_spf_fail; },
      "What meets mail whose SPF says fail, where the domain in From asks for nothing. Forwarded mail often fails."));
  rows.push_back(number(
      section, "least_rsa_bits", {1024, 4096}, [](auto& c) -> auto& { return c.authentication.least_rsa_bits; },
      "A signature by a shorter key counts for nothing (RFC 8301 §3.2)."));
  rows.push_back(networks(
      section, "exempt", [](auto& c) -> auto& { return c.authentication.exempt; },
      "Networks of servers that hand on what they have examined themselves, such as a backup MX."));
  rows.push_back(milliseconds(
      section, "timeout_milliseconds", {1000, 300'000}, [](auto& c) -> auto& { return c.inquiry.time_limit; },
      "For all that DNS is asked about one message; RFC 7208 §4.6.4 asks for 20 seconds at least."));
}

}  // namespace mailpod::daemon
