#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <mailpod/net/resolver.hpp>

namespace mailpod::simulation {

/// A DNS that knows what the test has told it. A name it knows with another type is no_such_record; any other,
/// no_such_name.
class Resolver final : public net::Resolver {
public:
  template <class Record>
  using Known = std::map<std::string, net::Answer<Record>>;

  Known<net::Mx> mx_records;
  std::map<std::pair<std::string, net::Family>, net::Answer<std::string>> address_records;
  Known<std::string> txt_records;
  Known<net::Tlsa> tlsa_records;
  Known<std::string> cname_records;
  Known<std::string> ptr_records;
  /// Names whose every lookup fails like this.
  std::map<std::string, net::Errc> failures;
  /// Every name asked for, in order.
  std::vector<std::string> asked;

  net::awaitable<Result<net::Answer<net::Mx>>> mx(std::string name) override {
    co_return look_up(mx_records, name, name);
  }
  net::awaitable<Result<net::Answer<std::string>>> addresses(std::string name, net::Family family) override {
    co_return look_up(address_records, std::pair(name, family), name);
  }
  net::awaitable<Result<net::Answer<std::string>>> txt(std::string name) override {
    co_return look_up(txt_records, name, name);
  }
  net::awaitable<Result<net::Answer<net::Tlsa>>> tlsa(std::string name) override {
    co_return look_up(tlsa_records, name, name);
  }
  net::awaitable<Result<net::Answer<std::string>>> cname(std::string name) override {
    co_return look_up(cname_records, name, name);
  }
  net::awaitable<Result<net::Answer<std::string>>> ptr(std::string address) override {
    co_return look_up(ptr_records, address, address);
  }
  void stop() override { stopped_ = true; }

private:
  template <class Map, class Key>
  Result<typename Map::mapped_type> look_up(const Map& records, const Key& key, const std::string& name) {
    if (stopped_) return make_error_code(net::Errc::shutting_down);
    asked.push_back(name);
    if (const auto failure = failures.find(name); failure != failures.end()) return make_error_code(failure->second);
    if (const auto found = records.find(key); found != records.end()) return found->second;
    return make_error_code(exists(name) ? net::Errc::no_such_record : net::Errc::no_such_name);
  }
  bool exists(const std::string& name) const {
    return mx_records.contains(name) || address_records.contains({name, net::Family::ipv4}) ||
           address_records.contains({name, net::Family::ipv6}) || txt_records.contains(name) ||
           tlsa_records.contains(name) || ptr_records.contains(name);
  }

  bool stopped_ = false;
};

}  // namespace mailpod::simulation
