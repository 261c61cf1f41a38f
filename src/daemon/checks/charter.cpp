#include "checks.hpp"

namespace mailpod::daemon {
namespace {

constexpr std::chrono::days soon{30};

std::int64_t days_until(base::Time then, base::Time now) {
  return std::chrono::floor<std::chrono::days>(then - now).count();
}

using governance::Charter;

void check_votes(Findings& findings, const Charter& charter) {
  if (charter.members.join == Charter::Join::open)
    findings.note("whoever joins may vote, and anybody may join: who makes a hundred addresses has a hundred votes",
                  "have members join by invitation or by vouches before anything is put to the vote");
  if (charter.votes.ballot != Charter::Ballot::open || charter.votes.method == Charter::Method::stv)
    findings.note("the charter asks for votes that this version cannot hold: none will be opened",
                  "write `ballot = \"open\"` and another `method` than \"stv\" into the next charter");
}

}  // namespace

void check_charter(Findings& findings, const governance::Charter& charter, base::Time now) {
  if (charter.expired(now)) {
    findings.fault(fmt::format("charter {} has expired: nobody can be admitted or suspended", charter.seq),
                   "agree on the next: `mailpod charter new`");
  } else if (charter.expires <= now + soon) {
    findings.note(fmt::format("charter {} expires in {} days, and its successor needs {} days of notice", charter.seq,
                              days_until(charter.expires, now), charter.votes.notice_days),
                  "agree on the next: `mailpod charter new`");
  } else {
    findings.ok(
        fmt::format("charter {} is in force for another {} days", charter.seq, days_until(charter.expires, now)));
  }
  std::size_t lasting = 0;
  for (const auto& maintainer : charter.maintainers) {
    if (maintainer.in_term(now + soon)) {
      ++lasting;
    } else if (maintainer.in_term(now)) {
      findings.note(
          fmt::format("the term of maintainer {} ends in {} days", maintainer.name, days_until(maintainer.to, now)),
          "elect for the next term, and write it into the next charter");
    }
  }
  if (lasting < charter.threshold)
    findings.note(fmt::format("within 30 days fewer maintainers are in office than the {} whose signatures acts need",
                              charter.threshold),
                  "sign a charter with more of them while you can");
  check_votes(findings, charter);
}

}  // namespace mailpod::daemon
