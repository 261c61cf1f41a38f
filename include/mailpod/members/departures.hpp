#pragma once

#include <functional>

#include <mailpod/members/enrolment.hpp>

namespace mailpod::members {

/// Lets members go, for good. One caller at a time, holding the pod's lock, and no enrolment of the same member
/// meanwhile; blocking.
///
/// The commit point is the act of expulsion, or, where a member leaves by their own wish, the directory's word that
/// they do: from then on they are nobody here, whatever happens. Then sessions end (the caller's to do), then
/// destroy(): keys, files, and the directory's word that they are gone. recover() completes what a crash left.
class Departures {
public:
  explicit Departures(Household household) : house_(std::move(household)) {}

  /// Whoever signed the act has decided.
  governance::Verdict<MemberId> expel(const governance::SignedFile& file);
  /// They have shown that it is their own wish: their vault was opened by a secret that everything may be done with
  /// (KeyRing::unlock).
  governance::Verdict<void> leave(MemberId member);
  /// Nobody may have the vault open.
  void destroy(MemberId member);
  /// At start, before anything else looks into members' folders.
  void recover();

private:
  governance::Verdict<void> check_roles(MemberId member) const;
  Departure departure_of(const Person& person, Departure::Reason reason) const;
  void depart_as_expelled(MemberId member);
  void recover(MemberId member, const std::function<void()>& rest_of_it);
  Household house_;
};

}  // namespace mailpod::members
