#include <mailpod/delivery/reports.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "pod_mail.hpp"
#include "report_prefix.hpp"

namespace mailpod::delivery {
namespace {

constexpr std::size_t places = 4096;
constexpr guard::Rate of_a_member{5, 10};

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    if (octet == '\r') continue;
    if (octet == '\n') out += '\r';
    out += octet;
  }
  return out;
}

std::string octets_of(const base::OctetSource& source) {
  std::string out(static_cast<std::size_t>(source.size()), '\0');
  for (std::size_t done = 0; done < out.size();) {
    const auto got = source.read_at(done, std::span(out).subspan(done));
    if (got == 0) throw std::system_error(std::make_error_code(std::errc::io_error), "the message ends early");
    done += got;
  }
  return out;
}

/// Who writes to whom, and when.
struct Head {
  std::string author;  ///< addresses
  std::string to;
  std::string domain;
  base::Time time;
};

/// What the maintainers read.
std::string write_report(const Report& report, const Head& head, base::Entropy& entropy) {
  using message::write_field;
  const auto boundary = base::hex(base::octets(entropy.bytes<16>()));
  std::string out =
      write_field("From", "<" + head.author + ">") + write_field("To", "<" + head.to + ">") +
      write_field("Subject", report.messages.empty() ? "A member reports conduct" : "A member reports mail") +
      write_field("Date", message::write_date({head.time, {}})) +
      write_field("Message-ID", message::make_message_id(entropy, head.domain));
  out += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  if (report.about) out += "About member " + report.about->str() + "\r\n\r\n";
  out += with_crlf(report.words) + "\r\n";
  for (const auto* message : report.messages) {
    out += "--" + boundary + "\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n";
    out += "Content-Transfer-Encoding: 8bit\r\n\r\n" + octets_of(*message) + "\r\n";
  }
  return out + "--" + boundary + "--\r\n";
}

}  // namespace

/// One vault's.
struct Reports::Copy {
  std::string folder;
  std::string address;
  store::Card card;
  std::string octets;
};

Reports::Reports(const members::Household& house) : house_(house), buckets_(places, house.clock, house.entropy) {}

std::vector<MemberId> Reports::readers(const Report& report) const {
  std::vector<MemberId> out;
  const auto now = house_.clock.now();
  const auto directory = house_.directory.state();
  const auto roster = house_.registry.gate().roster();
  for (const auto& maintainer : roster->charters().at(now).maintainers) {
    if (!maintainer.member || !maintainer.in_term(now) || maintainer.member == report.about) continue;
    const auto* person = directory->find(*maintainer.member);
    const bool reads = person != nullptr && person->has_card() && !person->addresses.empty() &&
                       house_.registry.gate().may_receive(*maintainer.member, now).has_value();
    if (reads && std::ranges::find(out, *maintainer.member) == out.end()) out.push_back(*maintainer.member);
  }
  return out;
}

Result<Reports::Copy> Reports::copy_for(MemberId member, const std::string& mail) const {
  const auto directory = house_.directory.state();
  const auto* person = directory->find(member);
  if (person == nullptr || person->addresses.empty()) return smtp::Errc::no_such_mailbox;
  Copy out{base::join(house_.members, member.str()), person->addresses.front().str(), {}, {}};
  auto card = store::read_card(house_.disk, out.folder, member, house_.pod_key.public_key());
  const auto id = base::hex(base::octets(house_.entropy.bytes<8>()));
  const auto prefix = report_prefix({out.address, directory->domains().front(), id, house_.clock.now()});
  if (!card || !prefix) return smtp::Errc::mailbox_unavailable;
  out.card = *card;
  out.octets = *prefix + mail;
  return out;
}

Result<Reports::Reported> Reports::take(const Report& report) {
  const auto directory = house_.directory.state();
  const auto* person = directory->find(report.reporter);
  if (person == nullptr || person->addresses.empty()) return smtp::Errc::no_such_mailbox;
  std::uint64_t octets = report.words.size();
  for (const auto* message : report.messages) octets += message->size();
  if (report.words.size() > longest_words || report.messages.size() > most_messages || octets > most_octets)
    return smtp::Errc::too_big;
  const auto maintainers = readers(report);
  if (maintainers.empty()) return smtp::Errc::mailbox_unavailable;
  if (!buckets_.take(report.reporter.str(), of_a_member)) return smtp::Errc::too_fast;

  const auto now = house_.clock.now();
  const auto domain = directory->domains().front();
  const auto author = person->addresses.front().str();
  const auto mail = write_report(report, {author, "postmaster@" + domain, domain, now}, house_.entropy);
  const auto words = fmt::format(
      "Your report went to {} of the pod's maintainers, with the {} messages that you\n"
      "chose. They read nothing else of your mail. What comes of it, they tell you.\n",
      maintainers.size(), report.messages.size());
  const auto told = write_pod_mail({domain, author, "Your report to the maintainers", now, words}, house_.entropy);

  Reported out;
  out.maintainers = maintainers.size();
  auto all = maintainers;
  all.push_back(report.reporter);
  store::Delivery delivery({house_.disk, house_.clock, house_.entropy, house_.pod_key});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_the_reporters = i + 1 == all.size();
    const auto copy = copy_for(all[i], is_the_reporters ? told : mail);
    if (!copy) return copy.error();
    const base::MemorySource source(copy->octets);
    const auto structure = message::scan(source);
    const store::Draft draft{source, structure, is_the_reporters ? "" : author, copy->address, now, "", 0, ""};
    if (!delivery.prepare(copy->folder, copy->card, draft)) return smtp::Errc::too_big;
  }
  auto arrivals = delivery.commit();
  for (std::size_t i = 0; i < all.size(); ++i) out.told.push_back({all[i], std::move(arrivals[i])});
  house_.log.info("report.taken maintainers={} messages={}", out.maintainers, report.messages.size());
  return out;
}

}  // namespace mailpod::delivery
