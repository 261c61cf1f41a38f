// Any octets as records of SPF, DKIM and DMARC, as signatures, and as whatever DNS answers to whatever is asked.
// Evaluation ends, within its limits, and what is written of it is one field that is ours.

#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/mailauth/dkim_signature.hpp>
#include <mailpod/mailauth/examination.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/text/cursor.hpp>

namespace {

using namespace mailpod;
using namespace mailpod::mailauth;

constexpr std::size_t most_questions = 400;  // DnsInquiry stops earlier; a walk in circles would never

void require(bool holds) {
  if (!holds) std::abort();
}

/// The input, line by line, over and over: what DNS says, and who says it.
class Lines {
public:
  explicit Lines(std::string_view octets) : octets_(octets), in_(octets) {}
  std::string next() {
    if (in_.at_end()) in_ = text::Cursor(octets_);
    const std::string line(in_.take_until(text::OctetSet("\n")));
    in_.take('\n');
    return line;
  }

private:
  std::string_view octets_;
  text::Cursor in_;
};

/// Every fifth question fails or leads to nothing; names of hosts are often what is asked about, so that there are
/// circles.
DnsAnswer answer(const DnsQuestion& question, Lines& lines) {
  using Outcome = DnsAnswer::Outcome;
  const std::string line = lines.next();
  const std::size_t dice = line.size() % 10;
  if (dice == 3) return {};
  if (dice == 7) return {Outcome::no_such_name, {}};
  if (question.type == DnsQuestion::Type::a) return {Outcome::found, {"192.0.2.1", line}};
  std::vector<std::string> records{line, question.name};
  if (question.name.starts_with("_dmarc.") && dice < 5) records = {"v=DMARC1; p=reject;" + line};
  if (question.type == DnsQuestion::Type::txt && dice == 1) records = {"v=spf1 " + line};
  return {Outcome::found, std::move(records)};
}

void examine(std::string_view octets) {
  Lines lines(octets);
  SpfQuery sender;
  sender.client = octets.size() % 2 == 0 ? "192.0.2.1" : "2001:db8::1";
  sender.helo = lines.next();
  sender.local_part = lines.next();
  sender.domain = octets.size() % 3 == 0 ? "client.example" : lines.next();
  Examination examination(sender, {});
  examination.update(octets.substr(0, octets.size() / 2));
  examination.update(octets.substr(octets.size() / 2));
  examination.finish();
  DnsTable dns;
  const std::string from = lines.next();
  while (true) {
    const auto findings = examination.findings(from, dns, base::from_seconds(1'800'000'000));
    require(findings.dkim.size() <= 8);
    const auto missing = dns.take_missing();
    for (const auto& question : missing) dns.put(question, answer(question, lines));
    require(dns.size() <= most_questions);
    if (!missing.empty()) continue;
    const auto field = write_authentication_results("mx.pod.example", findings);
    message::HeaderEdit edit;
    edit.forged_authserv_id = "mx.pod.example";
    require(edit.apply(field + "X: y\r\n\r\n").value() == "X: y\r\n\r\n");
    for (const char octet : field)
      require(octet == '\r' || octet == '\n' || octet == '\t' || (octet >= ' ' && octet <= '~'));
    return;
  }
}

/// A chain that we did not seal does not hold; what we seal is a set, and whole.
void examine_chain(std::string_view octets) {
  static crypto::KeyArena arena;
  static const auto key = DkimKey::parse(Algorithm::ed25519_sha256, std::string(32, 's'), arena).value();
  const std::string message = "Authentication-Results: mx.pod.example; arc=pass; " + std::string(octets);
  const base::MemorySource source(message);
  const auto set = SignableMessage::read(source)->arc_set({"mx.pod.example", "pod.example", "s", key, {}},
                                                          base::from_seconds(1'800'000'000));
  require(set.empty() || set.starts_with("ARC-Seal: "));
  DkimVerification verification{DkimVerification::Settings()};
  verification.update(octets);
  verification.finish();
  DnsTable dns;
  require(verification.arc_verdict(dns).result != ArcResult::pass);
}

/// The same text as each record that it may be.
void examine_records(std::string_view octets) {
  if (const auto record = parse_dmarc_record(octets)) require(is_dmarc_record(octets));
  const std::string text(octets);
  SpfQuery sender;
  sender.client = "192.0.2.1";
  sender.domain = "client.example";
  DnsTable dns;
  dns.put({DnsQuestion::Type::txt, "client.example"}, {DnsAnswer::Outcome::found, {"v=spf1 " + text}});
  const auto verdict = check_spf(sender, dns, Explain::yes);
  for (const char octet : verdict.explanation) require(octet >= ' ' && octet <= '~');
  require(dns.take_missing().size() <= 30);
}

void examine_signature(std::string_view octets) {
  for (const std::string_view record : {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ""}) {
    DkimVerification verification{DkimVerification::Settings()};
    verification.update("DKIM-Signature: v=1; a=ed25519-sha256; d=a.example; s=s; h=from; bh=AAAA; ");
    verification.update(octets);
    verification.update("\r\n\r\n");
    verification.finish();
    DnsTable dns;
    dns.put({DnsQuestion::Type::txt, "s._domainkey.a.example"},
            {DnsAnswer::Outcome::found, {std::string(record.empty() ? octets : record)}});
    for (const auto& verdict : verification.verdicts(dns, base::from_seconds(1'800'000'000)))
      require(verdict.result != DkimResult::pass);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  examine_records(octets);
  examine_signature(octets);
  examine_chain(octets);
  examine(octets);
  return 0;
}
