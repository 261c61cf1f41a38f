// Any octets as records of the directory, as they stand inside of a checkpoint. Whatever is applied can be written as a
// checkpoint and read to the same state, and addresses are found again.

#include <cstdint>
#include <cstdlib>

#include "../../src/members/directory_records.hpp"

using namespace mailpod;
using namespace mailpod::members;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  DirectoryDraft draft{DirectoryState()};
  static_cast<void>(apply_checkpoint_part(draft, octets));
  DirectoryDraft again{DirectoryState()};
  for (const auto& part : checkpoint_parts(draft.state())) require(apply_checkpoint_part(again, part));
  require(again.state().people().size() == draft.state().people().size());
  require(again.state().domains() == draft.state().domains());
  require(again.state().groups().size() == draft.state().groups().size());
  for (const auto& [id, group] : draft.state().groups()) {
    const auto* there = again.state().find_group(group->address.str());
    require(there != nullptr && *there == *group && again.state().find(group->address.str()) == nullptr);
  }
  require(again.state().proposals().size() == draft.state().proposals().size());
  for (const auto& [id, person] : draft.state().people()) {
    require(*again.state().find(id) == *person);
    for (const auto& address : person->addresses) {
      const bool found = again.state().find(address.str()) != nullptr;
      require(found == (person->progress != Person::Progress::pending));
    }
    for (const auto& alias : person->aliases) {
      require(again.state().is_taken(alias.address));
      if (person->progress == Person::Progress::pending) require(again.state().find(alias.address.str()) == nullptr);
    }
  }
  return 0;
}
