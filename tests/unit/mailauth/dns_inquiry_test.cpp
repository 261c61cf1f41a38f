#include <mailpod/mailauth/dns_inquiry.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <simulation/clock.hpp>
#include <simulation/resolver.hpp>

namespace mailpod::mailauth {
namespace {

using namespace std::chrono_literals;
using Outcome = DnsAnswer::Outcome;
using Type = DnsQuestion::Type;

/// Answers nothing until it is told to.
class SilentResolver final : public net::Resolver {
public:
  explicit SilentResolver(boost::asio::io_context& loop) : silence_(net::make_alarm(loop.get_executor())) {}
  net::awaitable<Result<net::Answer<net::Mx>>> mx(std::string) override { return keep_silent<net::Mx>(); }
  net::awaitable<Result<net::Answer<std::string>>> addresses(std::string, net::Family) override {
    return keep_silent<std::string>();
  }
  net::awaitable<Result<net::Answer<std::string>>> txt(std::string) override { return keep_silent<std::string>(); }
  net::awaitable<Result<net::Answer<net::Tlsa>>> tlsa(std::string) override { return keep_silent<net::Tlsa>(); }
  net::awaitable<Result<net::Answer<std::string>>> cname(std::string) override { return keep_silent<std::string>(); }
  net::awaitable<Result<net::Answer<std::string>>> ptr(std::string) override { return keep_silent<std::string>(); }
  void stop() override { silence_->cancel(); }

private:
  template <class Record>
  net::awaitable<Result<net::Answer<Record>>> keep_silent() {
    co_await silence_->wait(std::chrono::hours(24));
    co_return make_error_code(net::Errc::shutting_down);
  }

  std::unique_ptr<net::Alarm> silence_;
};

/// An alarm that has rung already: time is up at once.
class Impatience final : public net::Alarms {
public:
  std::unique_ptr<net::Alarm> make(const boost::asio::any_io_executor&) override {
    class Rung final : public net::Alarm {
      net::awaitable<End> wait(std::chrono::milliseconds) override { co_return End::elapsed; }
      void cancel() override {}
    };
    return std::make_unique<Rung>();
  }
};

class DnsInquiryTest : public testing::Test {
protected:
  DnsTable ask(net::Resolver& resolver, std::vector<DnsQuestion> questions, net::Alarms& alarms = net::system_alarms(),
               std::chrono::microseconds late_by = 0us) {
    DnsTable table;
    const DnsInquiry inquiry({resolver, {}, alarms, clock}, {20s, 3});
    const auto until = late_by > 0us ? clock.monotonic() - late_by : inquiry.time_is_up();
    auto asking = inquiry.answer(table, std::move(questions), until);
    boost::asio::co_spawn(loop, std::move(asking), [this](const std::exception_ptr&) { loop.stop(); });
    loop.run();
    return table;
  }

  boost::asio::io_context loop;
  simulation::Clock clock;
};

TEST_F(DnsInquiryTest, EachTypeIsAskedAsTheResolverHasIt) {
  simulation::Resolver resolver;
  resolver.txt_records["a.example"].records = {"v=spf1 -all"};
  resolver.mx_records["a.example"].records = {{5, "one.example"}, {10, "two.example"}};
  resolver.ptr_records["192.0.2.1"].records = {"host.example"};
  auto table = ask(resolver, {{Type::txt, "a.example"}, {Type::mx, "a.example"}, {Type::ptr, "192.0.2.1"}});
  EXPECT_EQ(table.look_up({Type::txt, "a.example"}).records, std::vector<std::string>{"v=spf1 -all"});
  EXPECT_EQ(table.look_up({Type::mx, "a.example"}).records, (std::vector<std::string>{"one.example", "two.example"}));
  EXPECT_EQ(table.look_up({Type::ptr, "192.0.2.1"}).records, std::vector<std::string>{"host.example"});
}

TEST_F(DnsInquiryTest, NothingIsNotTheSameAsNoAnswer) {
  simulation::Resolver resolver;
  resolver.txt_records["a.example"].records = {"x"};
  resolver.failures["b.example"] = net::Errc::bogus_answer;
  auto table = ask(resolver, {{Type::aaaa, "a.example"}, {Type::txt, "b.example"}, {Type::txt, "c.example"}});
  EXPECT_EQ(table.look_up({Type::aaaa, "a.example"}).outcome, Outcome::no_such_record);
  EXPECT_EQ(table.look_up({Type::txt, "b.example"}).outcome, Outcome::failed);
  EXPECT_EQ(table.look_up({Type::txt, "c.example"}).outcome, Outcome::no_such_name);
  EXPECT_TRUE(table.take_missing().empty());
}

TEST_F(DnsInquiryTest, WhatIsTooMuchOrTooLateHasFailed) {
  simulation::Resolver resolver;
  for (const char* name : {"a.example", "b.example", "c.example", "d.example"})
    resolver.txt_records[name].records = {"x"};
  const std::vector<DnsQuestion> four{
      {Type::txt, "a.example"}, {Type::txt, "b.example"}, {Type::txt, "c.example"}, {Type::txt, "d.example"}};
  auto table = ask(resolver, four);
  EXPECT_EQ(table.look_up(four[2]).outcome, Outcome::found);
  EXPECT_EQ(table.look_up(four[3]).outcome, Outcome::failed);
  EXPECT_EQ(resolver.asked.size(), 3U);
  EXPECT_TRUE(table.take_missing().empty()) << "it is known that there is no answer";
}

TEST_F(DnsInquiryTest, TimeIsUpWhetherDnsAnswersOrNot) {
  SilentResolver silent(loop);
  Impatience impatience;
  auto table = ask(silent, {{Type::txt, "a.example"}}, impatience);
  EXPECT_EQ(table.look_up({Type::txt, "a.example"}).outcome, Outcome::failed);
  EXPECT_TRUE(table.take_missing().empty());
  silent.stop();  // heard by nobody
  loop.restart();
  loop.run();

  simulation::Resolver resolver;
  loop.restart();
  table = ask(resolver, {{Type::txt, "a.example"}}, net::system_alarms(), 1s);
  EXPECT_TRUE(resolver.asked.empty());
  EXPECT_TRUE(table.take_missing().empty());
}

}  // namespace
}  // namespace mailpod::mailauth
