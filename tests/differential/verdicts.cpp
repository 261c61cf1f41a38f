#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include <mailpod/mailauth/examination.hpp>

// What we say of cases that others are asked about as well: one JSON text a line, one answer a line.
//
//   {"dns": [["txt", "example.org", ["v=spf1 -all"]], ["a", "down.example", null]]}   DNS from now on; null: no answer
//   {"spf": {"client": "192.0.2.1", "helo": "h", "local": "l", "domain": "d"}}        "pass"
//   {"dkim": "From: …", "now": 1767225600}                                            ["pass", "fail"]
//   {"dmarc": {"from": "d", "spf": ["pass", "d"], "dkim": [["pass", "d"]]}}           "pass reject"
//
// Octets stand as the characters U+0000 to U+00FF.
namespace {

using namespace mailpod;
using namespace mailpod::mailauth;
using nlohmann::json;

std::string octets_of(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    if (first < 0x80) {
      out += utf8[i];
    } else {
      const auto second = static_cast<unsigned char>(utf8.at(++i));
      out += static_cast<char>(((first & 3U) << 6U) | (second & 63U));
    }
  }
  return out;
}

const std::map<std::string, DnsQuestion::Type> types{{"a", DnsQuestion::Type::a},
                                                     {"aaaa", DnsQuestion::Type::aaaa},
                                                     {"mx", DnsQuestion::Type::mx},
                                                     {"txt", DnsQuestion::Type::txt},
                                                     {"ptr", DnsQuestion::Type::ptr}};

class Names {
public:
  void set(const json& rows) {
    answers_.clear();
    for (const auto& row : rows) {
      DnsAnswer answer;
      if (!row.at(2).is_null()) {
        answer.outcome = DnsAnswer::Outcome::found;
        for (const auto& record : row.at(2)) answer.records.push_back(octets_of(record.get<std::string>()));
      }
      answers_[{types.at(row.at(0).get<std::string>()), row.at(1).get<std::string>()}] = answer;
    }
  }
  /// Evaluates until nothing is missing.
  template <class Look>
  auto settle(const Look& look) const {
    DnsTable table;
    while (true) {
      auto verdict = look(table);
      auto missing = table.take_missing();
      if (missing.empty()) return verdict;
      for (auto& question : missing) {
        const auto found = answers_.find(question);
        auto answer = found == answers_.end() ? DnsAnswer{DnsAnswer::Outcome::no_such_name, {}} : found->second;
        table.put(std::move(question), std::move(answer));
      }
    }
  }

private:
  std::map<DnsQuestion, DnsAnswer> answers_;
};

SpfResult spf_result(const std::string& name) {
  for (const auto result : {SpfResult::none, SpfResult::neutral, SpfResult::pass, SpfResult::fail, SpfResult::softfail,
                            SpfResult::temperror, SpfResult::permerror}) {
    if (name_of(result) == name) return result;
  }
  throw std::runtime_error("no result of SPF: " + name);
}

json spf(const json& about, const Names& names) {
  SpfQuery query;
  query.client = about.at("client");
  query.helo = about.at("helo");
  query.local_part = about.at("local");
  query.domain = about.at("domain");
  return std::string(name_of(names.settle([&](DnsTable& dns) { return check_spf(query, dns); }).result));
}

json dkim(const json& about, const Names& names) {
  DkimVerification verification({});
  verification.update(octets_of(about.at("dkim").get<std::string>()));
  verification.finish();
  const auto now = base::from_seconds(about.at("now").get<std::uint64_t>());
  json out = json::array();
  for (const auto& verdict : names.settle([&](DnsTable& dns) { return verification.verdicts(dns, now); }))
    out.push_back(std::string(name_of(verdict.result)) + (verdict.reason.empty() ? "" : ": " + verdict.reason));
  return out;
}

json dmarc(const json& about, const Names& names) {
  const SpfVerdict spf{spf_result(about.at("spf").at(0)), about.at("spf").at(1), ""};
  std::vector<DkimVerdict> signatures;
  for (const auto& one : about.at("dkim"))
    signatures.push_back(
        {one.at(0) == "pass" ? DkimResult::pass : DkimResult::fail, one.at(1), "s", "rsa-sha256", "", ""});
  const auto verdict = names.settle(
      [&](DnsTable& dns) { return check_dmarc({about.at("from").get<std::string>(), spf, signatures}, dns); });
  return std::string(name_of(verdict.result)) + " " + std::string(name_of(verdict.policy));
}

}  // namespace

int main() {
  Names names;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto wanted = json::parse(line);
    if (wanted.contains("dns")) {
      names.set(wanted.at("dns"));
      continue;
    }
    const auto said = wanted.contains("spf")    ? spf(wanted.at("spf"), names)
                      : wanted.contains("dkim") ? dkim(wanted, names)
                                                : dmarc(wanted.at("dmarc"), names);
    std::cout << said.dump(-1, ' ', true) << "\n";
  }
  return EXIT_SUCCESS;
}
