#include <system_error>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/members/addresses.hpp>

namespace mailpod::members {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;

constexpr std::size_t most_domains = 64;

Complaint refuse(std::string_view subject, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::string(subject), 0, std::move(what), std::move(remedy)};
}

/// The domain that an act of `kind` is about, if the act would stand now.
Verdict<std::string> examine(const Household& house, const governance::SignedFile& file, Act::Kind kind) {
  const auto examined = house.registry.examine({&file, 1}, house.clock.now());
  if (!examined) return examined.error();
  if (examined->front().kind != kind)
    return refuse(file.name, "is another kind of act",
                  "an act about a domain is wanted, of the kind that was asked for");
  return examined->front().domain;
}

/// What the directory lacks is found again at the next start: the act stands.
template <class Change>
void carry_out(const Household& house, const Change& change) {
  try {
    or_throw(change());
    house.directory.remember(house.registry.tally());
  } catch (const std::system_error& failure) {
    house.log.error("domain unfinished until restart reason=\"{}\"", base::printable(failure.what()));
    throw;
  }
}

}  // namespace

Verdict<std::string> Addresses::add_domain(const governance::SignedFile& file) {
  auto domain = examine(house_, file, Act::Kind::add_domain);
  if (!domain) return domain.error();
  const auto state = house_.directory.state();
  if (state->domains().size() >= most_domains) return refuse(*domain, "is one domain too many", "64 are allowed");
  if (!Address::parse("a@" + *domain)) return refuse(*domain, "is no domain of addresses", "correct its spelling");
  if (const auto recorded = house_.registry.record({&file, 1}, house_.clock.now()); !recorded) return recorded.error();
  carry_out(house_, [&] { return house_.directory.add_domain(*domain); });
  return *domain;
}

Verdict<std::string> Addresses::remove_domain(const governance::SignedFile& file) {
  auto domain = examine(house_, file, Act::Kind::remove_domain);
  if (!domain) return domain.error();
  if (house_.directory.state()->is_used(*domain))
    return refuse(*domain, "has addresses", "remove them first: `mailpod alias list`, `mailpod member list`");
  if (const auto recorded = house_.registry.record({&file, 1}, house_.clock.now()); !recorded) return recorded.error();
  carry_out(house_, [&] { return house_.directory.remove_domain(*domain); });
  return *domain;
}

void Addresses::recover_domains() {
  const auto state = house_.directory.state();
  const auto roster = house_.registry.gate().roster();
  for (const auto& [domain, stands] : roster->domains()) {
    if (stands == state->serves(domain)) continue;
    const auto done = stands ? house_.directory.add_domain(domain) : house_.directory.remove_domain(domain);
    // Not by a crash: only by a directory and a record that are not of one time.
    if (!done)
      house_.log.error("domain differs from the record reason=\"{}\"", base::printable(done.error().message()));
  }
}

void Addresses::recover() {
  recover_domains();
  recover_aliases();
  recover_groups();
}

}  // namespace mailpod::members
