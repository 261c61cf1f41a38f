#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What each subcommand does once its arguments are understood: one function, one file in commands/. Each answers with
/// the exit status: 0 done, 1 refused (standard error says why and what to do).
namespace mailpod::daemon {

/// How answers are printed.
enum class Output { text, json };

/// What all commands that work on a pod are told.
struct Common {
  std::string pod = ".";  ///< its folder
  std::string at;         ///< `HOST[:PORT]`: instead, a members' door elsewhere
  std::string ca;         ///< PEM file: who says whose that door's certificate is; empty: the machine's
  Output output = Output::text;
};

struct InitOptions {
  std::string folder;
  std::string domain;
  std::string maintainer_key;
  std::string maintainer_name = "maintainer";
  std::string server_key;
  std::string charter_template;  ///< name or file; empty: the usual first charter
  std::string charter;           ///< instead, a charter 1 that its founders signed: its .toml file
};
int init(const InitOptions& options);

struct CharterOptions {
  Common common;
  std::string file;
  std::string other;             ///< diff: compared with `file`; empty: with the pod's newest
  std::string charter_template;  ///< new: whose rules and text; empty: those of the newest
  std::string domain;            ///< new: charter 1 of a pod that is yet to be made
  std::uint32_t days = 0;        ///< new: from now until it takes effect; 0: a day more than the notice
  std::vector<std::string> maintainer_keys;
};
int charter_show(const CharterOptions& options);
/// The draft of the next charter: the newest one with its seq and prev moved on, on standard output.
int charter_new(const CharterOptions& options);
/// What changes, in plain words, and what that demands.
int charter_diff(const CharterOptions& options);
int charter_sign(const CharterOptions& options);
/// Without a file: the pod's whole record, from the pinned hash on. With one: whether it would be accepted next.
int charter_verify(const CharterOptions& options);
int charter_accept(const CharterOptions& options);
/// All charters accepted, and who signed them.
int charter_log(const CharterOptions& options);
/// What the rules mean, and what they allow now.
int charter_explain(const CharterOptions& options);

struct MemberOptions {
  Common common;
  std::vector<std::string> names;
  std::vector<std::string> maintainer_keys;
  std::string maintainer;  ///< which of `names` is the signing maintainer's own mailbox
  std::string reason;
  std::uint32_t hours = 24;          ///< of a suspension
  std::uint32_t quota_mib = 0;       ///< 0: the charter's
  std::uint32_t quota_messages = 0;  ///< 0: the charter's
  enum class Consent { asked, given } consent = Consent::asked;
  std::string citizen_key;        ///< the public half: its line, or the .pub file
  std::string receipt;            ///< where to write it; empty: it is printed
  bool names_address = false;     ///< the receipt does
  bool proves_themselves = true;  ///< data-report: the member does, by one of their secrets
};
int member_admit(const MemberOptions& options);
int member_list(const MemberOptions& options);
int member_show(const MemberOptions& options);
int member_suspend(const MemberOptions& options);
int member_reinstate(const MemberOptions& options);
int member_reissue(const MemberOptions& options);
int member_quota(const MemberOptions& options);
int member_citizen_key(const MemberOptions& options);
int member_forget(const MemberOptions& options);
/// What the pod stores about a member.
int member_data_report(const MemberOptions& options);
int member_receipt(const MemberOptions& options);

struct AliasOptions {
  Common common;
  std::string member;  ///< list: empty for everyone's
  std::string address;
  std::vector<std::string> maintainer_keys;
  std::string reason;
};
int alias_add(const AliasOptions& options);
int alias_remove(const AliasOptions& options);
int alias_list(const AliasOptions& options);

struct DomainOptions {
  Common common;
  std::string domain;
  std::vector<std::string> maintainer_keys;
  std::string reason;
};
int domain_add(const DomainOptions& options);
int domain_remove(const DomainOptions& options);
int domain_list(const DomainOptions& options);

/// The same options, about other pods' domains.
int federation_federate(const DomainOptions& options);
int federation_defederate(const DomainOptions& options);
int federation_list(const DomainOptions& options);
int federation_explain(const DomainOptions& options);

struct GroupOptions {
  Common common;
  std::string address;
  std::vector<std::string> members;    ///< who comes in
  std::vector<std::string> without;    ///< who leaves
  std::optional<std::string> posting;  ///< group, pod or anyone
  std::optional<std::string> name;
  std::vector<std::string> maintainer_keys;
  std::string reason;
};
int group_add(const GroupOptions& options);
int group_change(const GroupOptions& options);
int group_remove(const GroupOptions& options);
int group_list(const GroupOptions& options);
int group_show(const GroupOptions& options);

struct EnrolOptions {
  Common common;
  std::string name;  ///< empty: `address<TAB>code` lines of standard input
  enum class Password { ask, none } password = Password::ask;
  std::string app;  ///< name of an app password to make; empty: none
  enum class Recovery { code, none } recovery = Recovery::code;
};
int enrol(const EnrolOptions& options);

struct InviteOptions {
  Common common;
  std::vector<std::string> maintainer_keys;
  std::string citizen_key;  ///< of a member, where one joins by vouches
  std::uint32_t days = 14;  ///< until the invitation ends
  std::string svg;          ///< where to write its QR code too; empty: nowhere
  std::string invitation;   ///< withdraw: which
  std::string reason;
};
/// Prints the invitation as a link, once, and its QR code.
int invite(const InviteOptions& options);
int invitation_list(const InviteOptions& options);
int invitation_withdraw(const InviteOptions& options);

struct JoinOptions {
  EnrolOptions enrol;       ///< what is chosen once one is a member
  std::string citizen_key;  ///< made if it is not there
  std::string accept;       ///< identity of the charter that was read; empty: it is shown, and asked for
  enum class Invitation { asked, none } invitation = Invitation::asked;
};
int join(const JoinOptions& options);

struct VouchOptions {
  Common common;
  std::string newcomer;  ///< id; or address, where the pod's folder is
  std::string citizen_key;
  std::string reason;
  enum class Word { said, withdrawn } word = Word::said;
  std::string name;  ///< candidates: who asks, at the members' door
};
int vouch(const VouchOptions& options);
int object_to(const VouchOptions& options);
int candidates(const VouchOptions& options);

struct AppPasswordOptions {
  Common common;
  std::string name;                                           ///< whose
  std::string slot;                                           ///< the app password's own name, or its id
  enum class Kind { device, send_only } kind = Kind::device;  ///< add
  std::vector<std::string> scopes;                            ///< add: what it may do; empty: what its maker may
  std::optional<std::uint32_t> days;                          ///< add: for how long; nothing: as its maker
};
int app_password_add(const AppPasswordOptions& options);
int app_password_list(const AppPasswordOptions& options);
int app_password_revoke(const AppPasswordOptions& options);

struct PasswordOptions {
  Common common;
  std::string name;  ///< whose
};
int password(const PasswordOptions& options);
int recovery_code(const PasswordOptions& options);

struct TotpOptions {
  Common common;
  std::string name;  ///< whose
};
int totp_enable(const TotpOptions& options);
int totp_disable(const TotpOptions& options);
int totp_status(const TotpOptions& options);

struct ForwardOptions {
  Common common;
  std::string name;  ///< whose mail
  std::string to;
  enum class Copy { kept, none } copy = Copy::kept;
};
int forward_set(const ForwardOptions& options);
int forward_clear(const ForwardOptions& options);
int forward_show(const ForwardOptions& options);

struct CautionOptions {
  Common common;
  std::string name;  ///< whose mail
};
int caution_set(const CautionOptions& options);
int caution_clear(const CautionOptions& options);
int caution_show(const CautionOptions& options);

struct ServeOptions {
  Common common;
  std::optional<int> ready_descriptor;       ///< gets the line `ready` once all ports answer
  std::optional<int> passphrase_descriptor;  ///< where the passphrase of the server key stands; nothing: standard input
};
int serve(const ServeOptions& options);

/// Another key for all that is sealed under it; prints its recovery share.
int server_key_rotate(const Common& common);
/// The recovery share again, for whoever can read the key's file anyway.
int server_key_show(const Common& common);
/// From the share on paper to the file.
int server_key_recover(const Common& common);
int server_key_seal(const Common& common);
int server_key_unseal(const Common& common);

struct ReportsOptions {
  Common common;
  std::vector<std::string> files;
};
/// What other servers' reports in these files come to: DMARC, TLS, complaints.
int reports_show(const ReportsOptions& options);

struct QueueOptions {
  Common common;
  std::string entry;                                       ///< retry: empty for all
  std::string member;                                      ///< release, drop: instead of an entry
  std::string route;                                       ///< `-`: none
  std::string what;                                        ///< to be suppressed, or no more: an address or a domain
  std::optional<std::uint64_t> hours;                      ///< of a suppression
  std::string reason;                                      ///< the same
  enum class Told { nobody, sender } told = Told::nobody;  ///< of a dropped entry
};
int queue_list(const QueueOptions& options);
int queue_show(const QueueOptions& options);
int queue_retry(const QueueOptions& options);
int queue_hold(const QueueOptions& options);
int queue_release(const QueueOptions& options);
int queue_route(const QueueOptions& options);
int queue_drop(const QueueOptions& options);
int queue_suppress(const QueueOptions& options);
int queue_unsuppress(const QueueOptions& options);
int queue_suppressed(const QueueOptions& options);

struct DkimOptions {
  Common common;
  std::string domain;                  ///< empty: all; for a new pair the pod's own
  std::vector<std::string> selectors;  ///< empty: all that the command is about
  enum class When { in_order, now } when = When::in_order;
  enum class Dns { not_asked, asked } dns = Dns::not_asked;  ///< records: whether to say what DNS says
};
int dkim_list(const DkimOptions& options);
int dkim_new(const DkimOptions& options);
int dkim_records(const DkimOptions& options);
/// Asks DNS first whether the record is there, unless it is to happen now.
int dkim_activate(const DkimOptions& options);
int dkim_retire(const DkimOptions& options);
int dkim_remove(const DkimOptions& options);

struct VaultOptions {
  Common common;
  std::string member;
  bool everybody = false;                          ///< verify: instead of one
  enum class Key { none, asked } key = Key::none;  ///< verify, stats: whether to open the vault by a secret
  enum class Consent { asked, given } consent = Consent::asked;
  bool drop_lost = false;
  bool empty_quarantine = false;
  std::string recipient;  ///< archive set
};
/// Exit status: 0 sound, 1 faults were found, 2 it could not be looked at.
int vault_verify(const VaultOptions& options);
int vault_repair(const VaultOptions& options);
int vault_stats(const VaultOptions& options);
int vault_compact(const VaultOptions& options);
int vault_reindex(const VaultOptions& options);
int vault_rekey(const VaultOptions& options);
int vault_archive_set(const VaultOptions& options);
int vault_archive_clear(const VaultOptions& options);
int vault_archive_show(const VaultOptions& options);

struct ExportOptions {
  Common common;
  std::string member;
  std::string folder;  ///< made if it is missing
  std::string format = "maildir";
  std::vector<std::string> mailboxes;  ///< empty: all
  std::string recipient;               ///< of age files; empty: the member's archive key
};
/// Exit status: 0 all of it, 1 it was refused, or messages could not be read (they are named, and the others written).
int export_mail(const ExportOptions& options);

struct ImportOptions {
  Common common;
  std::string member;
  std::string path;
  std::string format;  ///< empty: as it looks
  std::string into;    ///< a mailbox; empty: as it is called there
};
/// Exit status: 0 all of it, 1 it was refused, or messages were passed over (they are named, and the others taken).
int import_mail(const ImportOptions& options);

struct VoteOptions {
  Common common;
  std::string vote;  ///< its identity, or how that begins
  std::string title;
  std::optional<std::uint32_t> days;  ///< open: for how long; nothing: a day more than the notice
  std::string closes;                 ///< open: or until when
  std::string file;                   ///< open: the charter, or an opening that was signed elsewhere; cast: the ballot
  std::string member;                 ///< open: whom an expulsion is about
  std::uint32_t seats = 1;
  std::uint32_t term_days = 365;
  std::vector<std::string> candidates;                        ///< OPTION=KEY[=NAME[=MEMBER]]
  enum class Signed { here, elsewhere } sign = Signed::here;  ///< open
  std::vector<std::string> maintainer_keys;
  std::string answer;                  ///< ballot: yes, no, abstain
  std::vector<std::string> approved;   ///< ballot: options; `none` alone: of nobody
  std::optional<std::string> ranking;  ///< ballot
  std::string citizen_key;             ///< ballot: a file; empty: the voter signs it
  std::string out;                     ///< ballot: where to write it; empty: a name of its own, here
  std::string folder;                  ///< verify: a copy; empty: the pod's own
  std::string charter;                 ///< verify: identity of the first one
  std::string key;                     ///< verify: the pod's; empty: as its charters say
};
int vote_open_election(const VoteOptions& options);
int vote_open_amendment(const VoteOptions& options);
int vote_open_expulsion(const VoteOptions& options);
/// What maintainers signed elsewhere.
int vote_open_file(const VoteOptions& options);
int vote_ballot(const VoteOptions& options);
int vote_cast(const VoteOptions& options);
int vote_close(const VoteOptions& options);
int vote_list(const VoteOptions& options);
int vote_show(const VoteOptions& options);
/// Recounts one vote from the record. Exit status: 0 counted, 1 the record has faults.
int vote_count(const VoteOptions& options);
/// The same for all of them, of a copy: no pod, no lock, no key.
int vote_verify(const VoteOptions& options);

struct CardOptions {
  Common common;
  std::string file;  ///< verify: a card
  std::string key;   ///< verify: that pod's verifier key
};
int card_show(const CardOptions& options);
int card_verify(const CardOptions& options);

struct ActOptions {
  Common common;
  std::string file;                          ///< submit: the .toml file; announce and dispute: the words
  std::vector<std::string> texts;            ///< submit: what it commits to
  std::string waiting;                       ///< sign: the file's SHA-256, or how that begins
  std::string kind;                          ///< draft
  std::string member;                        ///< draft: whom it is about
  std::vector<std::string> maintainer_keys;  ///< none: it is written to be signed elsewhere
  std::string out;                           ///< where it is written then; empty: a name is made
  std::string reason;
  std::uint32_t hours = 24;  ///< of a suspension
  std::string citizen_key;
  std::string subject;               ///< of a text
  std::vector<std::string> parties;  ///< dispute open
  std::string dispute;               ///< answer, close: its id
  std::uint32_t days = 14;           ///< dispute open: for answers
  std::string outcome;               ///< dispute close
  std::string program;               ///< upgrade: its file; empty: the one that runs
  std::string release;               ///< upgrade: what it calls itself; empty: as the one that runs
};
/// An act to be signed elsewhere.
int act_draft(const ActOptions& options);
/// Hands in a signed file of any kind; where more signatures are needed, it waits for them.
int act_submit(const ActOptions& options);
int act_waiting(const ActOptions& options);
/// Shows what waits, signs it and hands it in.
int act_sign(const ActOptions& options);
int announce(const ActOptions& options);
int dispute_open(const ActOptions& options);
int dispute_answer(const ActOptions& options);
int dispute_close(const ActOptions& options);
int dispute_list(const ActOptions& options);
int upgrade(const ActOptions& options);

struct ReportOptions {
  Common common;
  std::string name;                   ///< whose report
  std::string file;                   ///< the words
  std::vector<std::string> messages;  ///< MAILBOX/UID or <message id>
  std::string about;                  ///< of whom
};
/// Tells the maintainers of mail or conduct.
int report(const ReportOptions& options);

struct TransparencyOptions {
  Common common;
  std::uint32_t year = 0;
  std::string folder;   ///< a copy of governance/; empty: the pod's own
  std::string charter;  ///< identity of charter 1
  std::string key;      ///< the pod's verifier key; empty: those that its charters name
};
/// What a year's record adds up to, from the ledger alone.
int transparency(const TransparencyOptions& options);

struct LedgerOptions {
  Common common;
  std::string folder;                  ///< verify: a copy; empty: the pod's own
  std::optional<std::uint64_t> leaf;   ///< prove
  std::optional<std::uint64_t> since;  ///< prove: or that the ledger grew out of so many
  std::vector<std::string> seen;       ///< verify: checkpoints that the pod published before
  std::string file;                    ///< witness, cosign-add: a checkpoint; fork: a proof
  std::string proof;                   ///< witness
  std::string key;                     ///< the pod's; empty: as its charters say
  std::vector<std::string> keys;       ///< fork: all that signed one of the two
  std::vector<std::string> witnesses;  ///< their keys
  std::string charter;                 ///< verify: identity of the first one
  std::string address;                 ///< verify: the member's own
  std::string salt;
  std::string fork;  ///< verify: where to write the proof of one
};
int ledger_show(const LedgerOptions& options);
int ledger_prove(const LedgerOptions& options);
int ledger_witness(const LedgerOptions& options);
int ledger_cosign_add(const LedgerOptions& options);
/// Exit status: 0 all is as it was signed, 1 it is not (each leaf or file is named), 2 it could not be looked at.
int ledger_verify(const LedgerOptions& options);
/// Whether a file proves that a pod told two stories. Exit status: 0 it does, 1 it does not.
int ledger_fork(const LedgerOptions& options);

struct AuditOptions {
  Common common;
  std::uint64_t last = 100;                  ///< show: how many entries
  std::string folder;                        ///< verify: a copy of a pod's folder; empty: the pod's own
  std::string charter;                       ///< verify: identity of the first one
  std::vector<std::string> seen;             ///< verify: checkpoints kept elsewhere
  std::vector<std::string> maintainer_keys;  ///< sign: files
  std::string output;                        ///< sign: where to keep what is signed
  std::string signature;                     ///< sign: instead, a .minisig file that was made elsewhere
  std::optional<std::uint64_t> entries;      ///< sign: with it, of which checkpoint it is
};
int audit_show(const AuditOptions& options);
int audit_sign(const AuditOptions& options);
/// Exit status: 0 all is as it was signed, 1 it is not (each entry is named), 2 it could not be looked at.
int audit_verify(const AuditOptions& options);

struct SessionsOptions {
  Common common;
  std::string session;  ///< which one to close
  std::string member;   ///< or whose
  std::string mine;     ///< who asks, with one of their own secrets, for nothing but their own
};
int sessions_list(const SessionsOptions& options);
int sessions_close(const SessionsOptions& options);

int health(const Common& common);
int reload(const Common& common);
int status(const Common& common);
int check(const Common& common);

}  // namespace mailpod::daemon
