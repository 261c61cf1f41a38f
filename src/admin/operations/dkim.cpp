#include <algorithm>

#include <mailpod/mailauth/dkim_record.hpp>
#include <mailpod/text/ascii.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

std::string_view state_text(mailauth::KeyState state) {
  switch (state) {
    case mailauth::KeyState::prepared:
      return "prepared";
    case mailauth::KeyState::active:
      return "active";
    case mailauth::KeyState::retired:
      break;
  }
  return "retired";
}

/// Not of an active key that a newer one has replaced.
bool signs(const Premises& premises, const mailauth::KeyEntry& entry) {
  return std::ranges::any_of(premises.dkim.signing(entry.domain), [&](const mailauth::KeyEntry& signing) {
    return signing.selector == entry.selector;
  });
}

json key_json(const Premises& premises, const mailauth::KeyEntry& entry) {
  json out{{"domain", entry.domain},
           {"selector", entry.selector},
           {"algorithm", mailauth::name_of(entry.key->algorithm())},
           {"state", state_text(entry.state)},
           {"signs", signs(premises, entry)},
           {"made", time_text(entry.made)},
           {"since", time_text(entry.since)}};
  if (const auto removable = entry.removable_at()) {
    out["removable"] = time_text(*removable);
    out["is_removable"] = *removable <= premises.clock.now();
  }
  return out;
}

json record_json(const Premises& premises, const mailauth::KeyEntry& entry) {
  json out = key_json(premises, entry);
  out["name"] = entry.record_name();
  out["text"] = entry.key->record();
  out["zone"] = mailauth::zone_line(entry.record_name(), entry.key->record());
  return out;
}

/// The keys that `domain` and `state` name; empty: any.
std::vector<mailauth::KeyEntry> chosen(const Premises& premises, const json& arguments) {
  const auto domain = text::lower(optional_text(arguments, "domain"));
  const auto state = optional_text(arguments, "state");
  auto keys = premises.dkim.list();
  std::erase_if(keys, [&](const mailauth::KeyEntry& entry) {
    return (!domain.empty() && entry.domain != domain) || (!state.empty() && state_text(entry.state) != state);
  });
  return keys;
}

mailauth::Haste haste_of(const json& arguments) {
  return flag_argument(arguments, "now") ? mailauth::Haste::now : mailauth::Haste::orderly;
}

/// What a change that is made of one key answers.
Answer changed(const Premises& premises, const Result<mailauth::KeyEntry>& result, const std::string& selector) {
  if (!result.has_value()) return complaint_for(result.error(), selector);
  return key_json(premises, *result);
}

}  // namespace

/// Of one domain, or all. Files that are no keys are listed with what is wrong.
Answer dkim_list(const Premises& premises, const json& arguments) {
  json keys = json::array();
  json damaged = json::array();
  for (const auto& entry : chosen(premises, arguments)) keys.push_back(key_json(premises, entry));
  for (const auto& damage : premises.dkim.damages())
    damaged.push_back({{"file", damage.file}, {"reason", damage.reason.message()}});
  return json{{"keys", std::move(keys)}, {"damaged", std::move(damaged)}};
}

/// A pair of keys for a domain that the pod serves; without one named, its own.
Answer dkim_new(const Premises& premises, const json& arguments) {
  const auto directory = premises.directory.state();
  auto domain = text::lower(optional_text(arguments, "domain"));
  if (domain.empty()) domain = directory->domains().front();
  if (!directory->serves(domain))
    return governance::Complaint{governance::Errc::bad_value, domain, 0, "the pod does not serve this domain",
                                 "name one that stands behind the @ of its members' addresses"};
  json keys = json::array();
  for (const auto& entry : premises.dkim.prepare(domain)) keys.push_back(record_json(premises, entry));
  return json{{"keys", std::move(keys)}};
}

Answer dkim_records(const Premises& premises, const json& arguments) {
  json keys = json::array();
  for (const auto& entry : chosen(premises, arguments)) keys.push_back(record_json(premises, entry));
  return json{{"keys", std::move(keys)}};
}

Answer dkim_activate(const Premises& premises, const json& arguments) {
  const auto& selector = text_argument(arguments, "selector");
  return changed(premises, premises.dkim.activate(text_argument(arguments, "domain"), selector), selector);
}

Answer dkim_retire(const Premises& premises, const json& arguments) {
  const auto& selector = text_argument(arguments, "selector");
  return changed(premises, premises.dkim.retire(text_argument(arguments, "domain"), selector, haste_of(arguments)),
                 selector);
}

Answer dkim_remove(const Premises& premises, const json& arguments) {
  const auto& domain = text_argument(arguments, "domain");
  const auto& selector = text_argument(arguments, "selector");
  const auto removed = premises.dkim.remove(domain, selector, haste_of(arguments));
  if (!removed.has_value()) return complaint_for(removed.error(), selector);
  return json{{"domain", domain}, {"selector", selector}};
}

}  // namespace mailpod::admin
