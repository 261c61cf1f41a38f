#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Golden dialogues: conversations written down as RFCs print them, and played against a server, or against a client.
///
///     # One behaviour, in a sentence.  RFC 9051 §7.5.2
///     given mailbox INBOX with 2 messages
///     C1: a1 STORE 1 +FLAGS (\Flagged)
///     S1: * 1 FETCH (FLAGS (\Flagged))
///     S1: a1 OK {any}
///     C2: b1 NOOP
///
/// | line      | meaning |
/// |-----------|---------|
/// | `# …`     | comment |
/// | `given …` | what holds before the first octet; the words are the player's |
/// | `C: …`    | the client sends the line and CRLF; `C1:`, `C2:` name several clients; `C:` is `C1:` |
/// | `C> …`    | the client sends these octets only: `\r` `\n` `\t` `\\` `\xNN` are read as escapes (also in `C:` only
/// there) | | `C> … *N` | with ` *N` at the end: N times | | `C!`      | the client closes its side of the connection |
/// | `S: …`    | the server's next line is this; patterns below |
/// | `S~ …`    | a run of these lines is a group: the server's next lines are these in any order |
/// | `S! …`    | from here to the end no line to this client matches this |
/// | `S.`      | the server has closed the connection, and said nothing more |
/// | `S-`      | nothing more has come by now (the server waits) |
/// | `D: …`    | something else the player can do or check (`D: tls` …); the words are the player's |
///
/// In server lines `{any}` is any octets; `{name:x}` captures octets up to what follows and names them `x` (`name` says
/// what it is: `any`, `number`, `atom`, `base64`, or else any octets, at least one); `{x}` in any later line stands for
/// what was captured. `{{` is `{`; `{5}` and `{5+}` are IMAP's literals and stand for themselves.
///
/// Where the client is what is tested, the two letters change places and nothing else does: the dialogue says what the
/// server says (`S:`, `S>`, `S!`) and holds the client to every line of its own (`C:`, `C~`, `C!`, `C.`, `C-`).
namespace mailpod::conversations {

/// Which end of the conversation is ours; the dialogue is the other one.
enum class Tested { server, client };

/// One line of a dialogue file.
struct Step {
  enum class Kind { given, send, send_raw, close, expect, expect_unordered, never, closed, silent, directive };
  Kind kind;
  std::size_t client = 1;  ///< 1…
  std::string text;
  std::size_t line = 0;  ///< of the file, 1…
};

struct Dialogue {
  std::string name;      ///< the file's name without folder and `.txt`
  std::string sentence;  ///< the first comment
  Tested tested = Tested::server;
  std::vector<Step> steps;

  std::vector<std::string> givens() const;
  /// The highest client number.
  std::size_t clients() const;
};

/// Throws std::runtime_error with file and line.
Dialogue parse_dialogue(std::string_view text, std::string_view name, Tested tested);
Dialogue read_dialogue(const std::filesystem::path& file, Tested tested);
/// All `*.txt` of a folder and below, by name.
std::vector<std::filesystem::path> dialogues_in(const std::filesystem::path& folder);

/// What a player is to the runner: clients that exchange octets with one server. No waiting by time: after send() the
/// server has run until it waits for more. Where the client is tested, read each for the other.
class Exchange {
public:
  virtual ~Exchange() = default;
  /// Before the first client speaks, in the order of the file. Throws on words it does not know.
  virtual void given(std::string_view words) = 0;
  /// Connects client `client` (1…), once, before its first step.
  virtual void connect(std::size_t client) = 0;
  virtual void send(std::size_t client, std::string_view octets) = 0;
  /// The client says it will send no more.
  virtual void close(std::size_t client) = 0;
  /// All that the server has written to this client since the last call, at once; runs the server until it waits.
  virtual std::string receive(std::size_t client) = 0;
  /// The server has closed this client's connection.
  virtual bool closed(std::size_t client) = 0;
  /// `D:` lines. Throws on words it does not know.
  virtual void directive(std::size_t client, std::string_view words) = 0;
};

/// Plays a dialogue; nothing if all went as written, or else what went wrong, with the transcript so far.
std::optional<std::string> play(const Dialogue& dialogue, Exchange& exchange);

/// Whether a server's line matches a pattern; on success its captures are added to `names`.
bool matches(std::string_view pattern, std::string_view line, std::map<std::string, std::string>& names);
/// A client's line with `{x}` replaced. Throws on an unknown name.
std::string expand(std::string_view text, const std::map<std::string, std::string>& names);
/// The octets that `C> …` stands for: escapes read, ` *N` multiplied. Throws on an unknown escape.
std::string octets_of(std::string_view text);

/// One test per file of `folder`, in the suite `suite`, named by the file. `make` gives each its own Exchange.
/// Throws if the folder has no dialogue.
void register_dialogues(const std::string& suite, const std::filesystem::path& folder,
                        const std::function<std::unique_ptr<Exchange>()>& make, Tested tested = Tested::server);

}  // namespace mailpod::conversations
