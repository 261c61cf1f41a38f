#include <algorithm>
#include <array>

#include <mailpod/crypto/digest.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

// Signed files as they are, from wherever they come: the same gate as that of the commands that make them.
namespace mailpod::admin {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Errc;
using governance::SignedFile;
using governance::Verdict;

constexpr std::size_t most_texts = 64;  // as many as a message has parts

/// A file, and what is done with it: an operation, and what the operation calls the file.
struct Way {
  Answer (*run)(const Premises& premises, const json& arguments);
  const char* key;
};

struct WayOfType {
  std::string_view type;
  Way way;
};
constexpr std::array types{
    WayOfType{"charter", {charter_accept, "charter"}},
    WayOfType{"vote", {vote_open, "opening"}},
    WayOfType{"ballot", {vote_cast, "ballot"}},
    WayOfType{"vouch", {vouch, "vouch"}},
};

Answer record_alone(const Premises& premises, const json& arguments) {
  const auto recorded = premises.admissions.record(file_argument(arguments, "act"));
  if (!recorded.has_value()) return recorded.error();
  return json{{"act", governance::name_of(recorded->kind)}};
}

struct WayOfAct {
  Act::Kind kind;
  Way way;
};
/// Those whose act says all that is needed.
constexpr std::array acts{
    WayOfAct{Act::Kind::suspend, {member_suspend, "act"}},
    WayOfAct{Act::Kind::reinstate, {member_reinstate, "act"}},
    WayOfAct{Act::Kind::set_quota, {member_quota, "act"}},
    WayOfAct{Act::Kind::set_citizen_key, {member_citizen_key, "act"}},
    WayOfAct{Act::Kind::add_domain, {domain_add, "act"}},
    WayOfAct{Act::Kind::remove_domain, {domain_remove, "act"}},
    WayOfAct{Act::Kind::invite, {invitation_add, "act"}},
    WayOfAct{Act::Kind::withdraw_invitation, {invitation_withdraw, "act"}},
    WayOfAct{Act::Kind::dispute_open, {record_alone, "act"}},
    WayOfAct{Act::Kind::dispute_answer, {record_alone, "act"}},
    WayOfAct{Act::Kind::dispute_close, {record_alone, "act"}},
    WayOfAct{Act::Kind::announce, {record_alone, "act"}},
    WayOfAct{Act::Kind::upgrade, {record_alone, "act"}},
};

Complaint refuse(Errc code, const SignedFile& file, std::string what, std::string remedy) {
  return {code, file.name, 0, std::move(what), std::move(remedy)};
}

Verdict<Way> way_of(const SignedFile& file, const std::optional<Act>& act) {
  if (act) {
    const auto* const found = std::ranges::find(acts, act->kind, &WayOfAct::kind);
    if (found != acts.end()) return found->way;
    return refuse(
        Errc::bad_value, file,
        fmt::format("is an act of the kind \"{}\", which needs what no act says, or whose answer holds what is "
                    "nobody's but one person's",
                    governance::name_of(act->kind)),
        "run the command that makes it, with the maintainers' keys: `mailpod --help`");
  }
  const auto* const found = std::ranges::find(types, governance::type_of(file.octets), &WayOfType::type);
  if (found != types.end()) return found->way;
  return refuse(Errc::wrong_type, file, "is no charter, act, vote, ballot or vouch",
                "newcomers join by `mailpod join`: that takes what no file says");
}

bool waits_for_more(Errc code) {
  // A suspension is judged as one of few, and is too long or too late then, until there are enough.
  return code == Errc::below_threshold || code == Errc::suspension_too_long || code == Errc::already_suspended;
}

/// The text that the act commits to: it came along, or was kept when the act came first.
Verdict<std::optional<std::string>> text_of(const Premises& premises, const SignedFile& file, const Act& act,
                                            const json& arguments) {
  if (!act.text_commitment) return std::optional<std::string>();
  std::optional<std::string> octets;
  if (arguments.contains("texts")) {
    for (const auto& text : list_argument(arguments, "texts", most_texts)) {
      if (!text.is_string()) throw BadRequest("a text is no text");
      const auto& given = text.get_ref<const std::string&>();
      if (crypto::sha256(given) == *act.text_commitment) octets = given;
    }
  }
  if (!octets) octets = premises.texts->find(governance::identity(file.octets));
  if (!octets)
    return refuse(Errc::text_differs, file, "commits to a text that did not come along",
                  "bring the text as it was written when the act was made: octet for octet");
  const auto words = governance::parse_act_text(*octets, file.name);
  if (!words) return words.error();
  const bool names_parties = !words->parties.empty();
  if (names_parties != (act.kind == Act::Kind::dispute_open))
    return refuse(Errc::text_malformed, file, "names those concerned where it must not, or does not where it must",
                  "the opening of a dispute names them, and no other text");
  for (const auto& party : words->parties) {
    if (premises.registry.gate().roster()->find(party) == nullptr)
      return refuse(Errc::not_admitted, file, "names " + party.str() + " as concerned, who is none of the pod's",
                    "correct the member id");
  }
  return octets;
}

json waiting_json(const governance::WaitingFiles::Waiting& waiting) {
  return {{"file", base::hex(base::octets(waiting.identity))},
          {"type", governance::type_of(waiting.file.octets)},
          {"expires", time_text(waiting.expires)},
          {"signatures", waiting.signatures},
          {"needed", waiting.needed}};
}

/// One file that came in, being judged.
struct Submission {
  const Premises& premises;
  SignedFile file;  ///< with the signatures that came before
  governance::Hash identity;
  std::optional<Act> act;
  std::optional<std::string> text;

  Answer wait(Complaint refusal) const {
    if (!waits_for_more(refusal.code)) return refusal;
    const auto roster = premises.registry.gate().roster();
    const auto now = premises.clock.now();
    const auto kept = premises.waiting->keep(file, *roster, now);
    // Enough signed, or nobody who may: then what was refused is the reason.
    if (!kept.has_value()) return kept.error().code == Errc::below_threshold ? Answer(refusal) : Answer(kept.error());
    if (kept->signatures >= kept->needed) {
      premises.waiting->forget(identity);
      return refusal;
    }
    if (text) premises.texts->keep(identity, *text, kept->expires);
    auto out = waiting_json(*kept);
    out["state"] = "waiting";
    return out;
  }

  Answer record(const Way& way) const {
    const json file_json{{"name", file.name}, {"octets", file.octets}, {"signatures", file.minisigs}};
    auto answer = way.run(premises, {{way.key, file_json}});
    if (answer.refusal) return wait(*answer.refusal);
    premises.waiting->forget(identity);
    answer.value["state"] = "recorded";
    answer.value["file"] = base::hex(base::octets(identity));
    answer.value["type"] = governance::type_of(file.octets);
    answer.value["leaf"] = premises.registry.tally().count;
    return answer;
  }
};

}  // namespace

void deliver_texts(const Premises& premises) {
  if (premises.texts == nullptr) return;
  for (auto& told : premises.texts->deliver()) {
    if (premises.daemon != nullptr) premises.daemon->announce(told.member, std::move(told.arrival));
  }
}

/// Takes a charter, act, opening of a vote, ballot or vouch with the signatures that it has: if these are enough with
/// those that came before, it is recorded; if not, it waits for others.
Answer act_submit(const Premises& premises, const json& arguments) {
  auto given = file_argument(arguments, "file");
  Submission submission{premises, premises.waiting->gathered(given), governance::identity(given.octets), {}, {}};
  const auto& file = submission.file;
  if (governance::type_of(file.octets) == "act") {
    auto act = governance::parse_act(file.octets, file.name);
    if (!act.has_value()) return act.error();
    submission.act = std::move(*act);
  }
  const auto way = way_of(file, submission.act);
  if (!way.has_value()) return way.error();
  if (!submission.act || !submission.act->text_commitment) return submission.record(*way);
  auto text = text_of(premises, file, *submission.act, arguments);
  if (!text.has_value()) return text.error();
  submission.text = std::move(*text);
  // The text is durable before the act is, and nothing is kept for whoever signed nothing.
  const auto examined = premises.registry.examine({&file, 1}, premises.clock.now());
  if (!examined.has_value()) return submission.wait(examined.error());
  premises.texts->keep(submission.identity, *submission.text, submission.act->expires);
  auto answer = submission.record(*way);
  deliver_texts(premises);
  return answer;
}

/// What waits for signatures, with its octets, and the text it commits to, so that others can read what they sign.
Answer act_waiting(const Premises& premises, const json&) {
  json out = json::array();
  const auto roster = premises.registry.gate().roster();
  for (const auto& waiting : premises.waiting->list(*roster, premises.clock.now())) {
    auto one = waiting_json(waiting);
    one["octets"] = waiting.file.octets;
    if (const auto text = premises.texts->find(waiting.identity)) one["text"] = *text;
    out.push_back(std::move(one));
  }
  return json{{"waiting", std::move(out)}};
}

}  // namespace mailpod::admin
