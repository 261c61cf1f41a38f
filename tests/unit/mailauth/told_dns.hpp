#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <mailpod/mailauth/dns_table.hpp>
#include <mailpod/text/ascii.hpp>

#include "ip_address.hpp"

namespace mailpod::mailauth {

/// A DNS that knows what the test has told it.
class ToldDns {
public:
  using Type = DnsQuestion::Type;

  ToldDns& has(Type type, const std::string& name, const std::string& record) {
    records_[{type, name}].push_back(record);
    exists(name);
    return *this;
  }
  ToldDns& txt(const std::string& name, const std::string& record) { return has(Type::txt, name, record); }
  void exists(const std::string& name) { names_.insert(name); }
  void is_alias(const std::string& name, const std::string& of) { aliases_[name] = of; }
  /// Whatever else is asked of this name fails.
  void fails(const std::string& name) { failing_.insert(name); }

  DnsAnswer answer(DnsQuestion question) const {
    if (question.type == Type::ptr) question.name = reverse_name(question.name);
    for (auto alias = aliases_.find(question.name); alias != aliases_.end(); alias = aliases_.find(question.name))
      question.name = alias->second;
    const auto found = records_.find(question);
    if (found != records_.end()) return {DnsAnswer::Outcome::found, found->second};
    if (failing_.contains(question.name)) return {};
    return {names_.contains(question.name) ? DnsAnswer::Outcome::no_such_record : DnsAnswer::Outcome::no_such_name, {}};
  }

  /// Evaluates until nothing is missing.
  template <class Evaluate>
  auto settle(Evaluate evaluate) const {
    DnsTable table;
    while (true) {
      auto result = evaluate(table);
      const auto missing = table.take_missing();
      if (missing.empty()) return result;
      for (const auto& question : missing) table.put(question, answer(question));
    }
  }

private:
  /// As zones name it; a test may name the address itself.
  std::string reverse_name(const std::string& address) const {
    if (names_.contains(address)) return address;
    const auto parsed = IpAddress::parse(address).value();
    const std::string dotted = parsed.dotted();
    std::string out;
    for (std::size_t begin = 0; begin <= dotted.size();) {
      const auto dot = std::min(dotted.find('.', begin), dotted.size());
      out.insert(0, dotted.substr(begin, dot - begin) + '.');
      begin = dot + 1;
    }
    return text::lower(out) + (parsed.is_v4() ? "in-addr.arpa" : "ip6.arpa");
  }

  std::map<DnsQuestion, std::vector<std::string>> records_;
  std::map<std::string, std::string> aliases_;
  std::set<std::string> names_;
  std::set<std::string> failing_;
};

}  // namespace mailpod::mailauth
