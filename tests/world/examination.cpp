// A survey of mailboxes held against the model of them.
#include <algorithm>
#include <ranges>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "holdings.hpp"

namespace mailpod::world {

/// One survey held against the model. Throws std::runtime_error that says what is wrong.
class Holdings::Examination {
public:
  Examination(Holdings& of, const Survey& survey, When when, Moment now, const std::map<std::string, Letter>& letters)
      : of_(of), survey_(survey), when_(when), now_(now), letters_(letters) {}

  void run() {
    for (const auto& [name, found] : survey_.boxes) examine_numbers(name, found);
    for (const auto& [name, found] : survey_.boxes) examine_known(name, found);
    for (const auto& [name, found] : survey_.boxes) {
      for (const auto& message : found.messages) {
        if (!of_.boxes_[name].copies.contains(message.uid)) examine_new({name, message.uid}, message);
      }
    }
    examine_missing();
    for (const auto& [place, token, flags] : learnt_) of_.place(place, token, flags);
    for (const auto& [name, found] : survey_.boxes) learn_numbers(of_.boxes_[name], found);
  }

private:
  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }
  bool learns() const { return when_ == When::running || when_ == When::quiet; }

  void examine_numbers(const std::string& name, const Survey::Box& found) {
    const auto& box = of_.boxes_[name];
    if (box.uid_validity != 0 && found.uid_validity != box.uid_validity) fail("another UIDVALIDITY of " + name);
    if (found.uid_next < box.uid_next)
      fail(fmt::format("UIDNEXT of {} fell from {} to {}", name, box.uid_next, found.uid_next));
    std::uint32_t before = 0;
    for (const auto& message : found.messages) {
      if (message.uid <= before) fail(fmt::format("UID {} of {} comes after {}", message.uid, name, before));
      before = message.uid;
      examine_octets({name, message.uid}, message);
    }
    // A message may come between SELECT, which says UIDNEXT, and the listing.
    if (when_ != When::running && before >= found.uid_next)
      fail(fmt::format("UID {} of {} is not below UIDNEXT {}", before, name, found.uid_next));
  }

  void examine_octets(const Place& at, const Survey::Message& message) {
    const auto& box = of_.boxes_.at(at.box);
    const auto known = box.ever.find(at.uid);
    if (!message.octets) return;
    const auto token = is_report(*message.octets) ? "report" : token_of(*message.octets);
    if (known != box.ever.end() && known->second != token)
      fail(fmt::format("UID {} of {} was {} and is now {}", at.uid, at.box, known->second, token));
    if (token == "report") return;
    const auto letter = letters_.find(token);
    if (letter == letters_.end()) fail(fmt::format("UID {} of {} is nobody's letter ({})", at.uid, at.box, token));
    const auto wrong = difference(*message.octets, letter->second);
    if (!wrong.empty()) fail(fmt::format("{} at UID {} of {} {}", token, at.uid, at.box, wrong));
  }

  /// What was known to be there.
  void examine_known(const std::string& name, const Survey::Box& found) {
    auto& copies = of_.boxes_[name].copies;
    std::map<std::uint32_t, std::uint32_t> flags;
    for (const auto& message : found.messages) flags[message.uid] = message.flags;
    for (auto copy = copies.begin(); copy != copies.end();) {
      const auto here = flags.find(copy->first);
      if (here == flags.end()) {
        if (!copy->second.in_doubt)
          fail(fmt::format("{} at UID {} of {} is lost", of_.boxes_[name].ever.at(copy->first), copy->first, name));
        gone_.insert({name, copy->first});
        copy = learns() ? copies.erase(copy) : std::next(copy);
        continue;
      }
      examine_flags({name, copy->first}, copy->second, here->second);
      // Whoever asked for it to go has waited long enough before looking.
      if (learns()) copy->second.in_doubt = false;
      ++copy;
    }
  }

  void examine_flags(const Place& at, Copy& copy, std::uint32_t found) {
    auto& versions = copy.flags;
    const auto surely = [&](const FlagVersion& version) {
      if (!version.acknowledged) return false;
      return when_ != When::after_crash || version.since + flush_time <= now_;
    };
    const auto last = std::ranges::find_if(std::ranges::reverse_view(versions), surely);
    const auto first = last == versions.rend() ? versions.begin() : last.base() - 1;
    if (std::none_of(first, versions.end(), [&](const FlagVersion& version) { return version.flags == found; })) {
      std::string allowed;
      for (auto version = first; version != versions.end(); ++version) allowed += fmt::format(" {}", version->flags);
      fail(fmt::format("{} at UID {} of {} has flags {} instead of{}", of_.token(at), at.uid, at.box, found, allowed));
    }
    if (when_ == When::after_crash) {
      versions.erase(versions.begin(), first);
      for (auto& version : versions) version.acknowledged = versions.size() == 1;
    } else if (learns() && (versions.back().flags != found || !versions.back().acknowledged)) {
      // Shown from now on; until they are flushed again, a crash may bring back what was durable.
      versions.push_back({found, now_, true});
    }
  }

  /// What nobody has seen here before.
  void examine_new(const Place& at, const Survey::Message& message) {
    const auto& box = of_.boxes_.at(at.box);
    if (box.ever.contains(at.uid))
      fail(fmt::format("{} at UID {} of {} has come back", box.ever.at(at.uid), at.uid, at.box));
    if (at.uid < box.uid_next)
      fail(fmt::format("UID {} of {} is new, but UIDNEXT was {}", at.uid, at.box, box.uid_next));
    if (!message.octets) return;  // came after the octets were asked for
    if (is_report(*message.octets)) {
      if (learns()) count_report(*message.octets);
      learn(at, "report", message.flags);
      return;
    }
    const auto token = token_of(*message.octets);
    const auto expected = find_expected(token, at.box);
    if (expected == of_.expected_.end())
      fail(fmt::format("{} at UID {} of {} is a copy too many", token, at.uid, at.box));
    const auto& from = expected->second.moved_from;
    if (from && !gone_.contains(*from))
      fail(fmt::format("{} was moved to UID {} of {} and is still at UID {} of {}", token, at.uid, at.box, from->uid,
                       from->box));
    if (from) gone_.erase(*from);
    learn(at, token, message.flags);
    found_.insert(expected->first);
    if (learns()) of_.expected_.erase(expected);
  }

  std::map<Request, Expected>::iterator find_expected(const std::string& token, const std::string& box) {
    auto best = of_.expected_.end();
    for (auto one = of_.expected_.begin(); one != of_.expected_.end(); ++one) {
      if (one->second.token != token || one->second.box != box || found_.contains(one->first)) continue;
      if (best == of_.expected_.end() || one->second.sure) best = one;
    }
    return best;
  }

  /// What should have come and did not.
  void examine_missing() {
    for (auto one = of_.expected_.begin(); one != of_.expected_.end();) {
      const auto& [request, expected] = *one;
      const bool found = found_.contains(request);
      if (!found && expected.sure && when_ != When::running)
        fail(fmt::format("{} was acknowledged and is not in {}", expected.token, expected.box));
      if (!found && expected.moved_from && gone_.contains(*expected.moved_from))
        fail(fmt::format("{} left {} and did not come to {}", expected.token, expected.moved_from->box, expected.box));
      const bool settled = !expected.sure && (when_ == When::quiet || (when_ == When::running && expected.moved_from));
      one = settled ? of_.expected_.erase(one) : std::next(one);
    }
  }

  void learn(const Place& at, const std::string& token, std::uint32_t flags) {
    if (learns()) learnt_.push_back({at, token, flags});
  }
  /// A listing shows all that has a number below its UIDNEXT.
  void learn_numbers(Box& box, const Survey::Box& found) const {
    if (box.uid_validity == 0) box.uid_validity = found.uid_validity;
    if (learns()) box.uid_next = std::max(box.uid_next, found.uid_next);
  }
  void count_report(const std::string& octets) {
    for (const auto& [recipient, action] : reported(octets)) ++of_.reports_[action + ' ' + recipient];
  }

  struct Learnt {
    Place place;
    std::string token;
    std::uint32_t flags;
  };
  Holdings& of_;
  const Survey& survey_;
  When when_;
  Moment now_;
  const std::map<std::string, Letter>& letters_;
  std::set<Place> gone_;
  std::set<Request> found_;
  std::vector<Learnt> learnt_;
};

std::string Holdings::examine(const Survey& survey, When when, Moment now,
                              const std::map<std::string, Letter>& letters) {
  try {
    Examination(*this, survey, when, now, letters).run();
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
  return {};
}

}  // namespace mailpod::world
