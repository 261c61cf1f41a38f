#include <algorithm>

#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// Everyone in the directory, by address.
Answer member_list(const Premises& premises, const json&) {
  const auto state = premises.directory.state();
  std::vector<const members::Person*> people;
  for (const auto& [id, person] : state->people()) people.push_back(person.get());
  const auto name = [](const members::Person* person) {
    return person->addresses.empty() ? person->id.str() : person->addresses.front().key();
  };
  std::ranges::sort(people, {}, name);
  json out = json::array();
  for (const auto* person : people) out.push_back(person_json(premises, *person));
  return json{{"members", std::move(out)}};
}

}  // namespace mailpod::admin
