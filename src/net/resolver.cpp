#include <mailpod/net/resolver.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include "dns_names.hpp"
#include "dns_records.hpp"
#include "unbound.hpp"

namespace mailpod::net {

namespace {

/// A type of record: its number (RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 6698 §7.1), and how its data are read.
template <class Record>
struct Type {
  int number;
  std::optional<Record> (*parse)(std::string_view);
};

constexpr Type<std::string> type_a{1, &parse_a};
constexpr Type<std::string> type_cname{5, &parse_name_rdata};
constexpr Type<std::string> type_ptr{12, &parse_name_rdata};
constexpr Type<Mx> type_mx{15, &parse_mx};
constexpr Type<std::string> type_txt{16, &parse_txt};
constexpr Type<std::string> type_aaaa{28, &parse_aaaa};
constexpr Type<Tlsa> type_tlsa{52, &parse_tlsa};

std::vector<std::string_view> rdata_of(const ub_result& found) {
  std::vector<std::string_view> rdata;
  for (std::size_t i = 0; found.data[i] != nullptr && i <= max_records; ++i) {
    rdata.emplace_back(found.data[i], static_cast<std::size_t>(found.len[i]));
  }
  return rdata;
}

/// The name at the end of the CNAMEs, if it is another one.
std::string canonical_name(const ub_result& found, const std::string& asked) {
  std::string_view name = found.canonname != nullptr ? found.canonname : "";
  if (name.ends_with('.')) name.remove_suffix(1);
  auto canonical = question_name(name);
  return canonical && *canonical != asked ? *std::move(canonical) : std::string();
}

class UnboundResolver final : public Resolver {
public:
  UnboundResolver(const boost::asio::any_io_executor& loop, ResolverSettings settings)
      : unbound_(std::make_shared<Unbound>(std::move(loop), std::move(settings))) {}
  ~UnboundResolver() override { unbound_->stop(); }

  awaitable<Result<Answer<Mx>>> mx(std::string name) override {
    const auto asked = question_name(name);
    auto answer = co_await look_up(unbound_, asked, type_mx);
    if (answer)
      std::ranges::sort(answer->records, {}, [](const Mx& mx) { return std::tie(mx.preference, mx.exchange); });
    co_return answer;
  }
  awaitable<Result<Answer<std::string>>> addresses(std::string name, Family family) override {
    return look_up(unbound_, question_name(name), family == Family::ipv4 ? type_a : type_aaaa);
  }
  awaitable<Result<Answer<std::string>>> txt(std::string name) override {
    return look_up(unbound_, question_name(name), type_txt);
  }
  awaitable<Result<Answer<Tlsa>>> tlsa(std::string name) override {
    return look_up(unbound_, question_name(name), type_tlsa);
  }
  awaitable<Result<Answer<std::string>>> cname(std::string name) override {
    return look_up(unbound_, question_name(name), type_cname);
  }
  awaitable<Result<Answer<std::string>>> ptr(std::string address) override {
    return look_up(unbound_, reverse_name(address), type_ptr);
  }
  void stop() override { unbound_->stop(); }

private:
  template <class Record>
  static awaitable<Result<Answer<Record>>> look_up(std::shared_ptr<Unbound> unbound, std::optional<std::string> name,
                                                   Type<Record> type) {
    if (!name) co_return make_error_code(Errc::no_such_name);
    const auto found = co_await Unbound::ask(unbound, *name, type.number);
    if (!found) co_return found.error();
    const std::vector<std::string_view> rdata = rdata_of(**found);
    auto records = parse_records(std::span(rdata), type.parse);
    if (!records) co_return records.error();
    Answer<Record> answer;
    answer.records = *std::move(records);
    answer.authentic = (*found)->secure != 0;
    answer.ttl = static_cast<std::uint32_t>(std::max((*found)->ttl, 0));
    answer.canonical = canonical_name(**found, *name);
    co_return answer;
  }

  std::shared_ptr<Unbound> unbound_;  ///< lives on while a lookup ends
};

}  // namespace

std::unique_ptr<Resolver> make_unbound_resolver(boost::asio::any_io_executor loop, ResolverSettings settings) {
  return std::make_unique<UnboundResolver>(std::move(loop), std::move(settings));
}

}  // namespace mailpod::net
