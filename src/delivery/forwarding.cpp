#include "forwarding.hpp"

#include <algorithm>

#include <mailpod/delivery/srs.hpp>
#include <mailpod/message/header_edit.hpp>

namespace mailpod::delivery {
namespace {

const members::Forward* forward_of(const members::DirectoryState& directory, MemberId member) {
  const auto* person = directory.find(member);
  return person != nullptr && person->forward ? &*person->forward : nullptr;
}

/// The path under which a message goes on. Where the author's cannot be said within ours, it is the member's: then
/// they, and not the author, hear that it did not arrive.
std::string path_for(const Forwarding& forwarding, MemberId member) {
  const std::string& given = forwarding.reverse_path;
  if (given.empty()) return given;
  const auto address = members::Address::parse(given);
  if (address && forwarding.directory->serves(address->domain)) return given;
  const Srs* srs = forwarding.outbox->srs;
  const auto rewritten =
      srs == nullptr ? std::nullopt : srs->rewrite(given, forwarding.directory->domains().front(), forwarding.now);
  return rewritten ? *rewritten : forwarding.directory->find(member)->addresses.front().str();
}

/// The mark by which a message that comes round is known, above all that is changed anyway.
std::function<HeaderChanges(const message::HeaderFacts&)> marked(
    const std::string& address, std::function<HeaderChanges(const message::HeaderFacts&)> changes) {
  return [address, changes = std::move(changes)](const message::HeaderFacts& facts) {
    HeaderChanges all = changes ? changes(facts) : HeaderChanges();
    const auto mark = message::write_delivered_to(address);
    if (mark) all.prepend.insert(0, *mark);
    return all;
  };
}

}  // namespace

bool needs_outbox(const members::DirectoryState& directory, MemberId member) {
  const auto* forward = forward_of(directory, member);
  return forward != nullptr && forward->copy == members::Forward::Copy::none;
}

void add_forwards(const Forwarding& forwarding, Destinations& destinations) {
  if (forwarding.outbox == nullptr) return;
  std::vector<Onward> added;
  const auto add = [&](const Destination& destination, const std::string& path, const auto& changes) {
    const auto* forward = forward_of(*forwarding.directory, destination.member);
    if (forward == nullptr) return false;
    Onward copy;
    copy.reverse_path = path;
    copy.remote = {forward->to.str()};
    copy.submitter = destination.member;
    copy.changes = marked(destination.address, changes);
    copy.forwards = true;
    if (forward->copy == members::Forward::Copy::none) copy.instead = destination;
    added.push_back(std::move(copy));
    destinations.forwarded.push_back(destination.address);
    return forward->copy == members::Forward::Copy::none;
  };
  const std::function<HeaderChanges(const message::HeaderFacts&)> none;
  std::erase_if(destinations.local, [&](const Destination& destination) {
    return add(destination, path_for(forwarding, destination.member), none);
  });
  for (Onward& onward : destinations.onward) {
    std::erase_if(onward.local, [&](const Destination& destination) {
      return add(destination, onward.reverse_path, onward.changes);
    });
  }
  std::ranges::move(added, std::back_inserter(destinations.onward));
}

}  // namespace mailpod::delivery
