#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/witness.hpp>
#include <mailpod/http/router.hpp>
#include <mailpod/net/pool.hpp>

namespace mailpod::web {

class Shelf;
class Visitors;

/// What the pod says of itself that no charter says.
struct Settings {
  enum class MtaSts { none, testing, enforce };  ///< RFC 8461 §3.2
  MtaSts mta_sts = MtaSts::testing;
  std::chrono::seconds mta_sts_max_age{86'400};
  std::string security_contact;  ///< a URI; empty: the pod's own addresses

  std::string domain;     ///< the pod's
  std::string host_name;  ///< where mail is brought to, and where members' programs find it
  /// Where members' programs find which protocol; 0: not served.
  struct Ports {
    std::uint16_t imap = 0, imaps = 0, pop3 = 0, pop3s = 0, submission = 0, submissions = 0;
  };
  Ports ports;
};

/// Port: the pod whose pages these are, as it is at present. Any thread; blocks.
class Pod {
public:
  virtual ~Pod() = default;
  virtual Settings settings() const = 0;
  /// Whether addresses at this domain are the pod's; lower case.
  virtual bool serves(std::string_view domain) const = 0;
  struct Charters {
    governance::Charter in_force;
    std::uint64_t accepted = 1;  ///< how many; what lies there of a later one may yet be replaced
  };
  virtual Charters charters() const = 0;
  /// A signed note; governance::Card.
  virtual std::string card() const = 0;
  /// Runs it with the pod's witness, which keeps its own order.
  virtual void with_witness(const std::function<void(governance::Witness&)>& work) = 0;
};

/// What is public about the pod, as pages: the files of governance/, what mail programs and other servers ask for, and
/// the witness. docs/http.md has the table.
///
/// Nothing that a request says becomes part of a file's name: names are parsed, and what is opened is what the parsed
/// value is called. Nothing here knows a member.
class Site {
public:
  /// All borrowed; they outlive the site.
  struct Source {
    Pod& pod;
    base::Disk& disk;
    base::Clock& clock;
    net::Pool& pool;
    std::string governance;  ///< the folder
  };
  explicit Site(Source source);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// The table of contents. Lives as long as the site.
  const http::Router& contents() const { return contents_; }

private:
  Source source_;
  std::unique_ptr<Shelf> shelf_;        ///< pages that never change
  net::Gate reading_;                   ///< pages that are made, and those that wait for it
  net::Gate tiles_;                     ///< the same for the ledger's, which may be large
  std::unique_ptr<Visitors> visitors_;  ///< who wait for the witness
  net::Gate witnessing_;                ///< a few: who changes what the pod holds does so one at a time
  http::Router contents_;
};

/// What `_mta-sts.<domain>` says in DNS: another text whenever the policy is another. RFC 8461 §3.1
std::string mta_sts_record(const Settings& settings);

}  // namespace mailpod::web
