#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <mailpod/reports/report_mail.hpp>

namespace mailpod::reports {

/// What many reports come to, together. A report that comes twice (the same organization, domain and id) counts once.
class Summary {
public:
  /// Of a domain's sources, and of the failures of TLS under one policy, that stand by themselves; all others stand
  /// together under an empty name, for anybody may send reports.
  static constexpr std::size_t most_named = 10'000;

  /// False if it was there already.
  bool add(const Report& report);

  struct Dmarc {
    std::string policy;  ///< as the newest report has it
    std::set<std::string> organizations;
    base::Time begins, ends;  ///< of all reports
    std::uint64_t passed = 0, failed = 0;
    /// Messages that failed, by where they came from.
    struct Source {
      std::uint64_t messages = 0;
      std::map<std::string, std::uint64_t> dispositions;  ///< how they were dealt with
    };
    std::map<std::string, Source> sources;
  };
  struct Tls {
    std::set<std::string> organizations;
    std::uint64_t successes = 0, failures = 0;
    std::map<std::pair<std::string, std::string>, std::uint64_t> named;  ///< by result type and receiving host
  };

  const std::map<std::string, Dmarc>& dmarc() const { return dmarc_; }  ///< by domain
  /// By domain and type of policy.
  const std::map<std::pair<std::string, std::string>, Tls>& tls() const { return tls_; }
  /// Complaints by type.
  const std::map<std::string, std::uint64_t>& complaints() const { return complaints_; }
  std::uint64_t reports() const { return reports_; }

private:
  void take(const DmarcReport& report);
  void take(const TlsReport& report);
  void take(const FeedbackReport& report);

  std::map<std::string, Dmarc> dmarc_;
  std::map<std::pair<std::string, std::string>, Tls> tls_;
  std::map<std::string, std::uint64_t> complaints_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
  std::uint64_t reports_ = 0;
};

}  // namespace mailpod::reports
