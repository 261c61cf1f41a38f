#include "pod_chancery.hpp"

#include <system_error>

#include <nlohmann/json.hpp>

#include <mailpod/delivery/member_notice.hpp>
#include <mailpod/text/ascii.hpp>

#include "acts.hpp"

namespace mailpod::daemon {
namespace {

using delivery::HeardFile;
using nlohmann::json;

constexpr std::size_t places = 4096;
// Messages. Twenty maintainers behind one address sign at once; a community of thousands votes by mail in a day.
constexpr guard::Rate of_network{60, 120};
constexpr guard::Rate of_all{600, 1200};
constexpr guard::Rate answers_to_one{20, 20};

HeardFile heard_as(std::string name, const json& reply) {
  if (const auto complaint = reply.find("complaint"); complaint != reply.end()) {
    const auto line = complaint->at("line").get<std::size_t>();
    auto words = complaint->at("what").get<std::string>();
    if (line != 0) words = fmt::format("line {}: {}", line, words);
    return {std::move(name), HeardFile::As::refused, words + "; " + complaint->at("remedy").get<std::string>()};
  }
  const auto& answer = reply.at("answer");
  const auto type = answer.at("type").get<std::string>();
  name = fmt::format("{} {}", type, answer.at("file").get<std::string>());
  if (answer.at("state") == "waiting")
    return {std::move(name), HeardFile::As::waiting,
            fmt::format("{} of {} signatures; for others until {}", answer.at("signatures").get<std::size_t>(),
                        answer.at("needed").get<std::size_t>(), answer.at("expires").get<std::string>())};
  return {std::move(name), HeardFile::As::recorded,
          fmt::format("leaf {} of the ledger", answer.at("leaf").get<std::uint64_t>())};
}

}  // namespace

PodChancery::PodChancery(const Ports& ports)
    : ports_(ports), buckets_(places, ports.house.clock, ports.house.entropy) {}

bool PodChancery::admits(std::string_view client, const std::optional<MemberId>& member) {
  // Whoever logged in is not kept out by strangers.
  if (member) return buckets_.take("of" + member->str(), of_network);
  const auto origin = ports_.doorkeeper.origin_of(client);
  // A relay of one's own brings what others sent: that is counted with all.
  const bool within = origin.exempt || buckets_.take("from" + origin.network, of_network);
  return within && buckets_.take("all", of_all);
}

void PodChancery::take(const delivery::SignedMail& mail, const std::optional<Correspondent>& from) {
  std::vector<HeardFile> heard;
  for (const auto& file : mail.files) heard.push_back(hear(file, mail.texts));
  if (!from) return;
  try {
    answer(heard, *from);
  } catch (const std::system_error& failure) {
    // What was heard stands: to be sent all of it again would help nobody.
    ports_.house.log.error("governance.unanswered reason=\"{}\"", base::printable(failure.what()));
  }
}

HeardFile PodChancery::hear(const governance::SignedFile& file, const std::vector<std::string>& texts) {
  json request{{"operation", "act.submit"}, {"arguments", {{"file", file_json(file)}, {"texts", texts}}}};
  const auto reply = ports_.desk.serve(request);
  // That is nothing which the file is to blame for: whoever sent it sends it again.
  if (const auto machine = reply.find("machine"); machine != reply.end())
    throw std::system_error(machine->get<int>(), std::generic_category(), "signed files");
  auto heard = heard_as(file.name, reply);
  ports_.house.log.info("governance.heard outcome={}", heard.as == HeardFile::As::recorded  ? "recorded"
                                                       : heard.as == HeardFile::As::waiting ? "waiting"
                                                                                            : "refused");
  return heard;
}

/// Nobody is sent more than a few an hour, whoever made them write.
void PodChancery::answer(const std::vector<HeardFile>& heard, const Correspondent& to) {
  if (!buckets_.take("to" + (to.member ? to.member->str() : to.address), answers_to_one)) return;
  const auto notice = delivery::governance_answer(heard, to.message_id);
  if (!to.member) return answer_elsewhere(notice, to.address);
  auto arrival = delivery::put_notice(ports_.house, *to.member, notice);
  if (arrival) ports_.vaults.announce(*to.member, std::move(*arrival));
}

void PodChancery::answer_elsewhere(const delivery::MemberNotice& answer, const std::string& address) {
  if (ports_.outbox == nullptr) return;
  const auto now = ports_.house.clock.now();
  queue::Entry entry;
  entry.arrival = now;
  entry.next_try = std::chrono::floor<std::chrono::seconds>(now);
  entry.expires = now + ports_.outbox->give_up_after;
  entry.priority = queue::Priority::report;
  entry.body = queue::Body::eight_bit;
  entry.smtp_utf8 = !text::is_ascii(address);
  queue::Recipient recipient;
  recipient.address = address;
  recipient.notify = queue::Notify::never;
  entry.recipients.push_back(std::move(recipient));
  const auto domain = ports_.house.directory.state()->domains().front();
  const auto octets = delivery::write_governance_answer(answer, {domain, address, now}, ports_.house.entropy);
  const base::MemorySource message(octets);
  ports_.outbox->look_at(ports_.outbox->queue.put(std::move(entry), message));
}

}  // namespace mailpod::daemon
