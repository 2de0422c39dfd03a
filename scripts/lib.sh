# shellcheck shell=bash
# What the scripts share. Sourced, never run; the sourcing script has set -euo pipefail.

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# No build server may outlive the script: one that inherits our stderr or a lock keeps whoever waits for them waiting.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

say() { printf '%s\n' "$*" >&2; }

die() { # EXIT_CODE MESSAGE...
  local code=$1
  shift
  say "${0##*/}: $*"
  exit "$code"
}

# Sets $dotnet. Not every installation is on PATH, least of all that of a service's account.
find_dotnet() {
  local candidate
  for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-/nowhere}/dotnet" "${HOME:-/nowhere}/.dotnet/dotnet"; do
    if [[ -x $candidate ]]; then
      dotnet=$candidate
      return
    fi
  done
  die 4 "the .NET SDK 10.0 is needed and 'dotnet' is not on PATH; see https://dot.net/download"
}

human() { numfmt --to=iec-i --suffix=B --round=nearest "$1"; }
parse_size() { numfmt --from=auto "${1%B}" 2>/dev/null || die 2 "'$1' is not a size; write for example 256MiB"; }
free_bytes() { df --output=avail -B1 "$1" | tail -n 1 | tr -d ' '; }
available_bytes() { echo $(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024)); }

is_memory() { # DIRECTORY: whether what is written there stays in memory
  case $(stat -f -c %T "$1") in
    tmpfs | ramfs) true ;;
    *) false ;;
  esac
}

# Says which commands are missing; as root on Debian it installs them first.
install_needed() { # WHAT_IF_MISSING COMMAND:PACKAGE...
  local consequence=$1
  shift
  PATH=$PATH:/usr/sbin:/sbin
  local entry packages=()
  for entry in "$@"; do
    command -v "${entry%%:*}" >/dev/null || packages+=("${entry##*:}")
  done
  [[ ${#packages[@]} -eq 0 ]] && return
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "${0##*/}: installing ${packages[*]} ..."
    if ! apt_install "${packages[@]}"; then
      apt_get update || true
      local package
      for package in "${packages[@]}"; do # one by one: what one of them lacks must not cost the others
        apt_install "$package" || say "${0##*/}: apt-get could not install $package"
      done
    fi
  fi
  for entry in "$@"; do
    command -v "${entry%%:*}" >/dev/null || say "${0##*/}: WITHOUT ${entry%%:*} (Debian package ${entry##*:}): $consequence"
  done
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=15 \
    -o DPkg::Lock::Timeout=60 "$@" </dev/null >/dev/null 2>&1
}

apt_install() { apt_get install -y --no-install-recommends "$@"; }

# Changes whenever a file that goes into the build is edited, added, removed or put back. About 10 ms.
fingerprint() { # DIRECTORY...
  (cd "$root" && find "$@" Directory.*.props global.json .editorconfig \( -name bin -o -name obj \) -prune -o -type f -printf '%p %T@ %s\n') |
    LC_ALL=C sort | cksum
}

is_fresh() { # DLL DIRECTORY...
  local dll=$1
  shift
  [[ -f $dll && -f $dll.built-from && $(<"$dll.built-from") == "$(fingerprint "$@")" ]]
}

# Builds PROJECT in Release, quietly unless it fails, and notes for DLL what it was built from. Builds in one checkout take turns.
# With --if-stale it does nothing where DLL is what DIRECTORY... hold now.
build() { # [--if-stale] PROJECT DLL DIRECTORY...
  local if_stale=false
  [[ $1 == --if-stale ]] && if_stale=true && shift
  local project=$1 dll=$2
  shift 2
  $if_stale && is_fresh "$dll" "$@" && return
  mkdir -p "$root/artifacts" || return
  (
    # Callers say "|| die", and there bash ignores set -e: every step that can fail says so itself.
    flock 9 || exit
    $if_stale && is_fresh "$dll" "$@" && exit # somebody else built it while we waited
    built_from=$(fingerprint "$@") || exit    # before building: an edit made meanwhile must make it stale again
    rm -f "$dll.built-from" || exit           # from here on others wait for us
    say "${0##*/}: building ${project#"$root"/} ..."
    if ! output=$("$dotnet" build "$project" -c Release --nologo -tl:off -v quiet </dev/null 2>&1 9>&-); then
      say "$output"
      exit 1
    fi
    printf '%s' "$built_from" >"$dll.built-from.$$" && mv "$dll.built-from.$$" "$dll.built-from"
  ) 9>"$root/artifacts/.build.lock"
}

cli=$root/src/BundleCopier.Cli/bin/Release/net10.0/bundlecopy.dll

ensure_cli_built() {
  build --if-stale "$root/src/BundleCopier.Cli/BundleCopier.Cli.csproj" "$cli" src config ||
    die 4 "the build failed; see above"
}

native=$root/artifacts/bundlecopy

ensure_published() {
  is_fresh "$native" src config || "$root/scripts/publish" || die 4 "the native program could not be published; see above"
}

benchmarks=$root/tests/BundleCopier.Benchmarks/bin/Release/net10.0/BundleCopier.Benchmarks.dll

ensure_benchmarks_built() {
  build --if-stale "$root/tests/BundleCopier.Benchmarks/BundleCopier.Benchmarks.csproj" "$benchmarks" tests/BundleCopier.Benchmarks ||
    die 4 "the build failed; see above"
}

# Kills all processes of a group and comes back when they are gone: one that is in the kernel, writing, takes a moment.
end_group() { # PGID
  kill -KILL -- "-$1" 2>/dev/null || return 0
  local _
  for _ in {1..100}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
}
