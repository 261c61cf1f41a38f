#!/usr/bin/env bash
# A pod to try: builds Mailpod, makes a pod with two members, sends a first message and reads it back.
set -euo pipefail
umask 077

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"

domain=pod.lab
dir="$root/build/quickstart"
port_base=42000
members=0
mode=foreground

usage() {
  cat <<TEXT
usage: packaging/quickstart.sh [--dir DIR] [--port-base N] [--members N] [--once | --detach | --stop]

  --dir DIR       where pod and keys are kept (default: build/quickstart)
  --port-base N   SMTP on N+25, submission on N+587 and N+465, IMAP on N+143 and N+993 (default: 42000)
  --members N     also admit and enrol u1 to uN
  --once          send and read back the first message, stop, and say by the exit status whether all went well
  --detach        return once the pod answers, and leave it running
  --stop          stop the pod that --detach left running

MAILPOD=PATH uses that binary instead of building one.
TEXT
}

fail() {
  echo "quickstart: $*" >&2
  exit 1
}

while (($#)); do
  case $1 in
    --dir) dir=${2:?--dir needs a folder}; shift ;;
    --port-base) port_base=${2:?--port-base needs a number}; shift ;;
    --members) members=${2:?--members needs a number}; shift ;;
    --once) mode=once ;;
    --detach) mode=detach ;;
    --stop) mode=stop ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
# number OPTION VALUE MOST
number() {
  if ! [[ $2 =~ ^[0-9]{1,6}$ ]] || ((10#$2 > $3)); then fail "$1 must be a number from 0 to $3"; fi
}
number --port-base "$port_base" 64542
number --members "$members" 100000
# Leading zeros would make them octal.
port_base=$((10#$port_base))
members=$((10#$members))

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
pod="$dir/pod"
settings="$dir/quickstart.env"
passwords="$dir/members.tsv"
maintainer="$dir/maintainer"
log="$dir/mailpod.log"

smtp_port=$((port_base + 25))
submission_port=$((port_base + 587))
submissions_port=$((port_base + 465))
imap_port=$((port_base + 143))
imaps_port=$((port_base + 993))

# The process that serves this pod, if one does.
running() {
  [[ -r $settings ]] || return 1
  local process
  process=$(sed -n 's/^PID=//p' "$settings")
  [[ -n $process && -r /proc/$process/cmdline ]] || return 1
  tr '\0' '\n' <"/proc/$process/cmdline" | grep -qxF "$pod" || return 1
  echo "$process"
}

stop() {
  kill -TERM "$1" 2>/dev/null || return 0
  timeout 10 tail --pid="$1" -f /dev/null || fail "process $1 does not stop; see $log"
}

if [[ $mode == stop ]]; then
  process=$(running) || fail "no pod of $dir is running"
  stop "$process"
  echo "stopped"
  exit
fi
if process=$(running); then
  fail "the pod of $dir is running already, as process $process; --stop stops it"
fi

build() {
  if [[ -n ${MAILPOD:-} ]]; then
    mailpod=$MAILPOD
    return
  fi
  install_missing "${quickstart_packages[@]}"
  local tree="$root/build/release"
  if [[ ! -f $tree/CMakeCache.txt ]]; then
    echo "Building Mailpod; the first time this takes some minutes."
    (cd "$root" && cmake --preset release -DMAILPOD_TESTS=OFF >/dev/null)
  fi
  cmake --build "$tree" --target mailpod
  mailpod="$tree/mailpod"
}

ours() { "$mailpod" --pod "$pod" "$@"; }

# admit NAME…: `address<TAB>code` lines. The first maintainer's own mailbox is alice.
admit() {
  local arguments=(member admit "$@" --maintainer-key "$maintainer")
  [[ " $* " == *" alice "* ]] && arguments+=(--maintainer alice)
  ours "${arguments[@]}"
}

# Admits the names given, and plays the newcomers' part too: takes their codes and keeps their app passwords. What the
# commands remark is shown only if one of them fails.
admit_and_enrol() {
  local remarks="$dir/remarks.txt"
  if { admit "$@" | ours enrol --app quickstart --no-recovery-code >>"$passwords"; } 2>"$remarks"; then
    rm -f "$remarks"
    return 0
  fi
  cat "$remarks" >&2
  rm -f "$remarks"
  return 1
}

# A pod that an interrupted run left half made: quickstart began it, but kept nobody's password, so nobody can have used
# it. A pod without members.tsv beside it is not ours to remove.
half_made() { [[ -e $pod && -f $passwords ]] && ! grep -q "^bob@" "$passwords"; }

make_pod() {
  if half_made; then
    echo "An earlier run was interrupted; starting over"
    rm -rf "$pod" "$maintainer" "$maintainer.pub" "$passwords" "$settings"
  fi
  [[ -e $pod ]] && fail "$pod is no pod, but in the way; remove it, or name another folder with --dir"
  echo "Making a pod for $domain in $pod"
  echo "# Address and app password of each member. A real pod keeps no such file: only members know their passwords." \
    >"$passwords"
  "$mailpod" init "$pod" --domain "$domain" --maintainer-key "$maintainer" >"$dir/init.txt" 2>&1 || {
    cat "$dir/init.txt" >&2
    fail "the pod could not be made"
  }
  rm "$dir/init.txt"
  sed -i '1s/.*/untrusted comment: a maintainer'"'"'s secret key; beside a real pod lies no such file/' "$maintainer"
  admit_and_enrol alice bob || fail "alice and bob could not be admitted"
}

# make_members N: those of u1…uN that are not there yet, 2,000 at a time.
make_members() {
  local have
  have=$(grep -c '^u[0-9]*@' "$passwords" || true)
  while ((have < $1)); do
    local upto=$((have + 2000 < $1 ? have + 2000 : $1)) names=() i
    for ((i = have + 1; i <= upto; i++)); do names+=("u$i"); done
    admit_and_enrol "${names[@]}" || fail "members u$((have + 1)) to u$upto could not be admitted"
    have=$upto
  done
}

# Everything comes from this machine alone, so one address may have many connections. What calls itself pod.lab must not
# talk to the world.
configure() {
  local section port
  sed -i '/^\[sending\]/,/^\[/s/^enabled = .*/enabled = false/' "$pod/mailpod.toml"
  for section in smtp:$smtp_port submission:$submission_port submissions:$submissions_port \
    imap:$imap_port imaps:$imaps_port; do
    port=${section#*:}
    sed -i "/^\[listen\.${section%:*}\]/,/^backlog/{s/^port = .*/port = $port/
      s/^address = .*/address = \"127.0.0.1\"/;s/^connections_per_address = .*/connections_per_address = 5000/}" \
      "$pod/mailpod.toml"
  done
}

check_ports() {
  local port
  for port in $smtp_port $submission_port $submissions_port $imap_port $imaps_port; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      fail "port $port is taken by another program; choose other ports with --port-base N"
    fi
  done
}

password_of() { awk -F'\t' -v address="$1@$domain" '$1 == address {print $2}' "$passwords"; }

start() {
  local ready="$dir/ready" word=''
  rm -f "$ready"
  mkfifo "$ready"
  local detached=()
  [[ $mode == detach ]] && detached=(setsid)
  "${detached[@]}" "$mailpod" --pod "$pod" serve --ready-fd 3 </dev/null >>"$log" 2>&1 3>"$ready" &
  process=$!
  read -r word <"$ready" || true
  rm -f "$ready"
  if [[ $word != ready ]]; then
    wait "$process" || true
    tail -n 3 "$log" >&2
    fail "the pod does not start"
  fi
  # setsid may have forked: the daemon knows its own process.
  process=$(ours status | sed -n 's/^daemon \([0-9]*\) .*/\1/p')
}

write_settings() {
  cat >"$settings" <<TEXT
# Of a pod to try. Beside a real pod lies no such file: only members know their passwords.
SMTP_PORT=$smtp_port
SUBMISSION_PORT=$submission_port
SUBMISSIONS_PORT=$submissions_port
IMAP_PORT=$imap_port
IMAPS_PORT=$imaps_port
ALICE_ADDRESS=alice@$domain
ALICE_PASSWORD=$(password_of alice)
BOB_ADDRESS=bob@$domain
BOB_PASSWORD=$(password_of bob)
PID=$process
CONFIG=$(printf %q "$pod/mailpod.toml")
TEXT
}

# as NAME ARGUMENTS…: curl, logged in as a member; the password is given on standard input.
as() {
  local name=$1
  shift
  curl --silent --show-error --ssl-reqd --cacert "$pod/tls/certificate.pem" --max-time 60 --config - "$@" <<TEXT
user = "$name@$domain:$(password_of "$name")"
TEXT
}

# Sends a message from alice to bob and reads it back; what IMAP gives must end with the octets sent, behind the trace
# fields that delivery wrote.
first_message() {
  local id found='' uid='' i
  id="$(date +%s).$$@$domain"
  printf '%s\r\n' "From: Alice <alice@$domain>" "To: Bob <bob@$domain>" "Subject: Welcome to $domain" \
    "Date: $(date -R)" "Message-ID: <$id>" "MIME-Version: 1.0" "Content-Type: text/plain; charset=utf-8" "" \
    "Dear Bob," "" "this message was sealed for you when it arrived: what lies on the disk only your password opens." \
    ". A line that begins with a dot comes through as well." "" "Alice" >"$dir/sent.eml"
  as alice --url "smtp://127.0.0.1:$submission_port/localhost" --mail-from "alice@$domain" \
    --mail-rcpt "bob@$domain" --upload-file "$dir/sent.eml"
  for ((i = 0; i < 50; i++)); do
    found=$(as bob --url "imap://127.0.0.1:$imap_port/INBOX" -X "UID SEARCH HEADER Message-ID $id")
    uid=$(tr -d '\r' <<<"$found" | sed -n 's/^\* SEARCH \([0-9]*\)$/\1/p')
    [[ -n $uid ]] && break
  done
  [[ -n $uid ]] || fail "the message was accepted, but IMAP does not show it; see $log"
  as bob --url "imap://127.0.0.1:$imap_port/INBOX;UID=$uid" --output "$dir/received.eml"
  tail -c "$(stat -c %s "$dir/sent.eml")" "$dir/received.eml" | cmp -s - "$dir/sent.eml" ||
    fail "IMAP gave back other octets than were sent; compare $dir/sent.eml with $dir/received.eml"
  head -c -"$(stat -c %s "$dir/sent.eml")" "$dir/received.eml" | grep -aq '^Received: ' ||
    fail "the message bears no Received field; see $dir/received.eml"
}

describe() {
  echo
  echo "The first message, as bob reads it:"
  echo
  tr -d '\r' <"$dir/received.eml" | sed 's/^/    /'
  cat <<TEXT

Mail clients: user alice@$domain or bob@$domain, server localhost
  IMAP        $imap_port STARTTLS, or $imaps_port TLS
  submission  $submission_port STARTTLS, or $submissions_port TLS
  certificate $pod/tls/certificate.pem (the pod's own)
App passwords
  alice       $(password_of alice)
  bob         $(password_of bob)
Mail to other servers is switched off ([sending] in $pod/mailpod.toml): a pod that calls itself $domain has nothing to say
to them.

Try next (after: source $settings)
  swaks --server 127.0.0.1:$submission_port --tls --auth PLAIN --auth-user alice@$domain \\
        --auth-password "\$ALICE_PASSWORD" --from alice@$domain --to bob@$domain
  curl --ssl-reqd --cacert $pod/tls/certificate.pem --user "bob@$domain:\$BOB_PASSWORD" \\
        "imap://127.0.0.1:$imap_port/INBOX;MAILINDEX=1"
  mutt -f imaps://bob@$domain@localhost:$imaps_port/
  $mailpod --pod $pod status
  $mailpod --pod $pod check
  grep -r Welcome $pod    # finds nothing: what is stored is sealed
TEXT
}

build
if [[ -f $pod/mailpod.toml && ! -f $passwords ]]; then
  fail "$pod is a pod that quickstart did not make; name another folder with --dir"
fi
if [[ ! -f $pod/mailpod.toml ]] || half_made; then make_pod; fi
check_ports
configure
make_members "$members"
start
# Whatever goes wrong from here on, no daemon is left behind.
trap 'stop "$process"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
write_settings
first_message
describe
[[ $mode == detach ]] && trap - EXIT INT TERM
case $mode in
  once)
    echo
    echo "Once was asked for: sent, read back, octets equal. Stopping."
    ;;
  detach)
    echo
    echo "The pod goes on as process $process; stop it with: packaging/quickstart.sh --dir $dir --stop"
    ;;
  foreground)
    echo
    echo "The pod runs until Ctrl-C. Its log: $log"
    wait "$process" || true
    ;;
esac
