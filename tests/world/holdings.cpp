#include "holdings.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace mailpod::world {

// ---- what is asked for, and answered

Holdings::Request Holdings::expect(const std::string& token, const std::string& box, std::uint32_t flags) {
  expected_[++last_request_] = {token, box, flags, false, std::nullopt};
  return last_request_;
}

void Holdings::acknowledge(Request request, std::optional<std::uint32_t> uid, std::uint32_t uid_validity) {
  const auto found = expected_.find(request);
  if (found == expected_.end()) return;  // a survey has seen it
  found->second.sure = true;
  if (!uid) return;
  const Expected arrived = std::move(found->second);
  expected_.erase(found);
  auto& box = boxes_[arrived.box];
  if (box.uid_validity == 0) box.uid_validity = uid_validity;
  if (box.uid_validity != uid_validity) throw std::runtime_error("another UIDVALIDITY of " + arrived.box);
  if (const auto known = box.ever.find(*uid); known != box.ever.end())
    throw std::runtime_error(fmt::format("UID {} of {} was given to {} and to {}", *uid, arrived.box, known->second,
                                         arrived.token));
  if (*uid < box.uid_next)
    throw std::runtime_error(fmt::format("UID {} of {} is given, but UIDNEXT was {}", *uid, arrived.box, box.uid_next));
  if (arrived.moved_from) {
    auto& source = boxes_.at(arrived.moved_from->box);
    source.copies.erase(arrived.moved_from->uid);
  }
  place({arrived.box, *uid}, arrived.token, arrived.flags);
}

void Holdings::refuse(Request request) {
  const auto found = expected_.find(request);
  if (found == expected_.end()) return;
  if (const auto& from = found->second.moved_from) boxes_.at(from->box).copies.at(from->uid).in_doubt = false;
  expected_.erase(found);
}

Holdings::Request Holdings::copy(const Place& from, const std::string& to) {
  return expect(token(from), to, *flags(from));
}

Holdings::Request Holdings::move(const Place& from, const std::string& to) {
  const auto request = copy(from, to);
  expected_.at(request).moved_from = from;
  boxes_.at(from.box).copies.at(from.uid).in_doubt = true;
  return request;
}

void Holdings::store(const Place& at, std::uint32_t flags, Moment now) {
  boxes_.at(at.box).copies.at(at.uid).flags.push_back({flags, now, false});
}

void Holdings::stored(const Place& at, Moment now) {
  auto& newest = boxes_.at(at.box).copies.at(at.uid).flags.back();
  newest.since = now;
  newest.acknowledged = true;
}

void Holdings::expunge(const Place& at) {
  boxes_.at(at.box).copies.at(at.uid).in_doubt = true;
}

void Holdings::expunged(const Place& at) {
  boxes_.at(at.box).copies.erase(at.uid);
}

void Holdings::place(const Place& at, const std::string& token, std::uint32_t flags) {
  auto& box = boxes_[at.box];
  box.ever[at.uid] = token;
  box.copies[at.uid] = {{{flags, Moment(0), true}}, false};
}

// ---- what is known

std::vector<Holdings::Place> Holdings::movable() const {
  std::vector<Place> places;
  for (const auto& [name, box] : boxes_) {
    for (const auto& [uid, copy] : box.copies) {
      const bool settled = !copy.in_doubt && copy.flags.back().acknowledged;
      if (settled && box.ever.at(uid) != "report") places.push_back({name, uid});
    }
  }
  return places;
}

std::optional<std::uint32_t> Holdings::flags(const Place& at) const {
  const auto& versions = boxes_.at(at.box).copies.at(at.uid).flags;
  return versions.back().flags;
}

bool Holdings::knows(const Place& at) const {
  const auto box = boxes_.find(at.box);
  return box != boxes_.end() && box->second.ever.contains(at.uid);
}

bool Holdings::has_seen(const std::string& token) const {
  for (const auto& [name, box] : boxes_) {
    for (const auto& [uid, seen] : box.ever) {
      if (seen == token) return true;
    }
  }
  return false;
}

}  // namespace mailpod::world
