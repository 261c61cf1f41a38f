#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/mailauth/spf.hpp>
#include <mailpod/text/ascii.hpp>

#include "told_dns.hpp"
#include "yaml_text.hpp"

/// The suite that openspf.org made for RFC 7208: zones, envelopes, and what comes of them.
namespace mailpod::mailauth {
namespace {

namespace fs = std::filesystem;
using Value = YamlText::Value;

fs::path vectors() {
  const char* const named = std::getenv("MAILPOD_VECTORS");
  return (named != nullptr ? fs::path(named) : fs::path(MAILPOD_SOURCE_DIR) / "../shared/vectors") / "spf";
}

/// All of the suite's YAML; empty if it is not there.
std::string suite() {
  std::ostringstream text;
  if (!fs::exists(vectors())) return {};
  for (const auto& entry : fs::directory_iterator(vectors())) {
    if (entry.path().extension() == ".yml") text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return text.str();
}

std::vector<std::string> texts(const Value& value) {
  if (value.is_array()) return value.get<std::vector<std::string>>();
  return {value.get<std::string>()};
}

std::string joined(const Value& value) {
  std::string out;
  for (const auto& text : texts(value)) out += text;
  return out;
}

/// A scenario's zones. The suite writes a policy as SPF and means TXT, unless the name has its own TXT.
ToldDns zones(const Value& zonedata) {
  ToldDns dns;
  using Type = DnsQuestion::Type;
  for (const auto& [key, records] : zonedata.items()) {
    const std::string name = text::lower(key);
    bool has_text = false;
    for (const auto& record : records) has_text = has_text || (record.is_object() && record.contains("TXT"));
    dns.exists(name);
    for (const auto& record : records) {
      if (record == "TIMEOUT") {
        dns.fails(name);
        continue;
      }
      const auto field = record.begin();
      const std::string& type = field.key();
      const Value& value = field.value();
      if (type == "TXT" && value == "NONE") continue;
      if (type == "TXT" || (type == "SPF" && !has_text)) dns.has(Type::txt, name, joined(value));
      if (type == "A") dns.has(Type::a, name, value.get<std::string>());
      if (type == "AAAA") dns.has(Type::aaaa, name, value.get<std::string>());
      if (type == "MX") dns.has(Type::mx, name, texts(value).at(1));
      if (type == "PTR") dns.has(Type::ptr, name, text::lower(value.get<std::string>()));
      if (type == "CNAME") dns.is_alias(name, text::lower(value.get<std::string>()));
    }
  }
  return dns;
}

SpfQuery query_of(const Value& test) {
  SpfQuery query;
  query.client = test.at("host").get<std::string>();
  query.helo = test.at("helo").get<std::string>();
  query.receiver = "receiver.example";
  const auto path = test.at("mailfrom").get<std::string>();
  const auto at = path.rfind('@');
  query.domain = at == std::string::npos ? path : path.substr(at + 1);
  if (at != std::string::npos) query.local_part = path.substr(0, at);
  return query;
}

TEST(SpfVectors, AllGiveWhatTheyShould) {
  const std::string text = suite();
  if (text.empty()) GTEST_SKIP() << "no vectors at " << vectors() << "; MAILPOD_VECTORS names another place";
  std::size_t cases = 0;
  for (const auto& scenario : YamlText(text).documents()) {
    const ToldDns dns = zones(scenario.at("zonedata"));
    for (const auto& [name, test] : scenario.at("tests").items()) {
      ++cases;
      SCOPED_TRACE(scenario.at("description").get<std::string>() + ": " + name);
      const auto query = query_of(test);
      const auto verdict = dns.settle([&](DnsTable& table) { return check_spf(query, table, Explain::yes); });
      const auto allowed = texts(test.at("result"));
      EXPECT_THAT(allowed, testing::Contains(name_of(verdict.result)));
      if (!test.contains("explanation")) continue;
      const auto explanation = test.at("explanation").template get<std::string>();
      EXPECT_EQ(verdict.explanation, explanation == "DEFAULT" ? "" : explanation);
    }
  }
  EXPECT_EQ(cases, 203U);
}

}  // namespace
}  // namespace mailpod::mailauth
