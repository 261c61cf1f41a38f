#include "decoy.hpp"

#include <algorithm>
#include <ranges>

#include <mailpod/crypto/digest.hpp>

namespace mailpod::members {

const Person* decoy_for(const DirectoryState& directory, std::string_view name, const base::ByteArray<32>& key) {
  const auto digest = crypto::hmac_sha256(base::octets(key), directory.key_for(name));
  MemberId near;
  std::copy_n(digest.begin(), near.bytes.size(), near.bytes.begin());
  // Whoever is only invited has fewer slots to read and none to try.
  const auto is_enrolled = [](const auto& entry) { return entry.second->progress == Person::Progress::enrolled; };
  const auto& people = directory.people();
  const auto middle = people.lower_bound(near);
  auto found = std::find_if(middle, people.end(), is_enrolled);
  if (found == people.end()) found = std::find_if(people.begin(), middle, is_enrolled);
  return found == people.end() || !is_enrolled(*found) ? nullptr : found->second.get();
}

}  // namespace mailpod::members
