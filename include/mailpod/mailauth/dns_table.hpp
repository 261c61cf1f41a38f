#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mailpod::mailauth {

/// What mail authentication asks of DNS.
struct DnsQuestion {
  enum class Type { a, aaaa, mx, txt, ptr };

  Type type = Type::txt;
  std::string name;  ///< lower case, without the final dot; of ptr the numeric address
  friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
};

/// What DNS said. Of whom it comes from nothing is known: a record may hold any octets.
struct DnsAnswer {
  enum class Outcome { found, no_such_record, no_such_name, failed };

  Outcome outcome = Outcome::failed;
  /// Of a and aaaa addresses, of mx exchanges by preference, of txt each record's strings joined, of ptr names.
  std::vector<std::string> records;

  bool failed() const { return outcome == Outcome::failed; }
  /// There is nothing, and that is certain. RFC 7208 §4.6.4.
  bool is_void() const { return outcome == Outcome::no_such_record || outcome == Outcome::no_such_name; }
};

/// DNS as far as it was asked. Evaluation is plain synchronous code that reads here; whoever has a network fetches what
/// it found missing and evaluates once more, until nothing is. Not shared between threads.
class DnsTable {
public:
  /// The answer. Where nobody has asked yet it is a failed one, and the question is missing: what is concluded from
  /// that does not count.
  const DnsAnswer& look_up(const DnsQuestion& question);
  void put(DnsQuestion question, DnsAnswer answer);
  /// Whether somebody has asked, be it that the answer is a failed one: that is then final.
  bool has(const DnsQuestion& question) const { return answers_.contains(question); }

  /// What was looked up in vain since the last call.
  std::vector<DnsQuestion> take_missing();
  /// How many questions have an answer.
  std::size_t size() const { return answers_.size(); }

private:
  std::map<DnsQuestion, DnsAnswer> answers_;
  std::set<DnsQuestion> missing_;
};

}  // namespace mailpod::mailauth
