# shellcheck shell=bash
# Functions of the scripts. This file is sourced, never run; the sourcing script has set -euo pipefail.

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# No build server may outlive the script: it would inherit our stderr and locks, and other processes would wait for
# them.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

say() { printf '%s\n' "$*" >&2; }

die() { # EXIT_CODE MESSAGE...
  local code=$1
  shift
  say "${0##*/}: $*"
  exit "$code"
}

# Prints the comment at the top of the script: its --help.
print_header() { sed -n '2,/^[^#]/{/^[^#]/d;s/^# \{0,1\}//;p}' "$0"; }

# Sets $dotnet. Not every installation is on PATH, for example in the account of a service.
find_dotnet() {
  local candidate on_path
  on_path=$(command -v dotnet || true)
  for candidate in "$on_path" "${DOTNET_ROOT:-/nowhere}/dotnet" "${HOME:-/nowhere}/.dotnet/dotnet"; do
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

is_memory() { # DIRECTORY: whether files there are in memory, not on a disk
  case $(stat -f -c %T "$1") in
    tmpfs | ramfs) true ;;
    *) false ;;
  esac
}

# Names the commands that are missing. As root on Debian it installs them first.
install_needed() { # WHAT_IF_MISSING COMMAND:PACKAGE...
  local consequence=$1
  shift
  PATH=$PATH:/usr/sbin:/sbin
  local entry packages=()
  for entry in "$@"; do
    command -v "${entry%%:*}" >/dev/null || packages+=("${entry##*:}")
  done
  [[ -z $(lacks_for_native) ]] || packages+=(gcc libc6-dev)
  [[ ${#packages[@]} -eq 0 ]] && return
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "${0##*/}: installing ${packages[*]} ..."
    if ! apt_install "${packages[@]}"; then
      apt_get update || true
      local package
      for package in "${packages[@]}"; do # one by one, so that one failure does not affect the others
        apt_install "$package" || say "${0##*/}: apt-get could not install $package"
      done
    fi
  fi
  for entry in "$@"; do
    command -v "${entry%%:*}" >/dev/null ||
      say "${0##*/}: WITHOUT ${entry%%:*} (Debian package ${entry##*:}): $consequence"
  done
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=15 \
    -o DPkg::Lock::Timeout=60 "$@" </dev/null >/dev/null 2>&1
}

apt_install() { apt_get install -y --no-install-recommends "$@"; }

# A checksum that changes when a file of the build is edited, added, removed or put back. Takes about 10 ms.
fingerprint() { # DIRECTORY...
  (
    cd "$root" &&
      find "$@" Directory.*.props global.json .editorconfig \( -name bin -o -name obj \) -prune -o \
        -type f -printf '%p %T@ %s\n'
  ) | LC_ALL=C sort | cksum
}

is_fresh() { # DLL DIRECTORY...
  local dll=$1
  shift
  [[ -f $dll && -f $dll.built-from && $(<"$dll.built-from") == "$(fingerprint "$@")" ]]
}

# Makes TARGET with COMMAND, which is quiet unless it fails, and notes the fingerprint of DIRECTORY... . A lock allows
# one build per checkout at a time, because builds share their obj directories. With --if-stale, nothing happens if
# TARGET was made from the files that DIRECTORY... hold now.
make_from() { # [--if-stale] TARGET DIRECTORY... -- COMMAND...
  local if_stale=false inputs=()
  [[ $1 == --if-stale ]] && if_stale=true && shift
  local target=$1
  shift
  while [[ $1 != -- ]]; do
    inputs+=("$1")
    shift
  done
  shift
  $if_stale && is_fresh "$target" "${inputs[@]}" && return
  mkdir -p "$root/artifacts" || return
  (
    # Callers use "|| die", and there bash ignores set -e: each step that can fail needs its own "|| exit".
    flock -n 9 || { say "${0##*/}: waiting for another build of this checkout ..." && flock 9; } || exit
    $if_stale && is_fresh "$target" "${inputs[@]}" && exit # another process made it while we waited
    # Before the build: an edit during the build must make the target stale again.
    made_from=$(fingerprint "${inputs[@]}") || exit
    rm -f "$target.built-from" || exit # from here on other processes wait for the lock
    "$@" 9>&- || exit
    printf '%s' "$made_from" >"$target.built-from.$$" && mv "$target.built-from.$$" "$target.built-from"
  ) 9>"$root/artifacts/.build.lock"
}

# Builds PROJECT in Release, which gives DLL.
build() { # [--if-stale] PROJECT DLL DIRECTORY...
  local options=()
  [[ $1 == --if-stale ]] && options=("$1") && shift
  local project=$1
  shift
  make_from "${options[@]}" "$@" -- compile "$project"
}

compile() { # PROJECT
  local output
  say "${0##*/}: building ${1#"$root"/} ..."
  output=$("$dotnet" build "$1" -c Release --nologo -tl:off -v quiet </dev/null 2>&1) || { say "$output" && return 1; }
}

cli=$root/src/BundleCopier.Cli/bin/Release/net10.0/bundlecopy.dll
native=$root/artifacts/bundlecopy
native_arch='' # empty: this machine's
native_sysroot='' # empty: this machine's C library
native_log=$root/artifacts/native-build.log
program_sources=(src config)
# shellcheck disable=SC2034 # scripts/test uses both
tests=$root/tests/BundleCopier.Tests/bin/Release/net10.0/BundleCopier.Tests.dll
# shellcheck disable=SC2034
test_sources=(src config tests)

ensure_cli_built() {
  build --if-stale "$root/src/BundleCopier.Cli/BundleCopier.Cli.csproj" "$cli" "${program_sources[@]}" ||
    die 4 "the build failed; see above"
}

# This machine's architecture in .NET's words; empty if .NET has no native compiler for it.
own_arch() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
  esac
}

# Selects the native program for ARCH: x64 or arm64.
native_for() { # ARCH
  [[ $1 != "$(own_arch)" ]] || return 0
  native_arch=$1
  native=$root/artifacts/bundlecopy-linux-$1
  native_log=$root/artifacts/native-build-linux-$1.log
}

# GNU's name for the other architecture; the names of its tools begin with it.
cross_triple() {
  case $native_arch in
    x64) echo x86_64-linux-gnu ;;
    arm64) echo aarch64-linux-gnu ;;
  esac
}

# Says what is missing to make the native program; empty if nothing is missing.
lacks_for_native() {
  if [[ -z $(own_arch) ]]; then
    echo "there is no native compiler for $(uname -m)"
  elif [[ -n $native_arch ]]; then
    lacks_for_cross
  else
    command -v clang >/dev/null || command -v gcc >/dev/null ||
      echo "there is no gcc or clang to link it with (Debian packages: gcc, libc6-dev)"
  fi
}

lacks_for_cross() {
  local gcc packages
  gcc=$(cross_triple)-gcc
  case $native_arch in
    x64) packages="gcc-x86-64-linux-gnu, libc6-dev-amd64-cross" ;;
    arm64) packages="gcc-aarch64-linux-gnu, libc6-dev-arm64-cross" ;;
  esac
  if ! command -v "$gcc" >/dev/null; then
    echo "there is no $gcc to link it for $native_arch with (Debian packages: $packages)"
  elif [[ $("$gcc" -print-file-name=Scrt1.o) != /* ]]; then # gcc prints the bare name if the file is missing
    echo "$gcc finds no C library for $native_arch to link it with (Debian packages: $packages)"
  fi
}

# Makes the native program at $native. If this fails, $native_log says why.
publish_native() { # [--if-stale]
  make_from "$@" "$native" "${program_sources[@]}" -- compile_native
}

compile_native() {
  local runtime linker=() target status=0
  runtime=linux-${native_arch:-$(own_arch)}
  if [[ -n $native_arch ]]; then
    linker=("-p:CppCompilerAndLinker=$(cross_triple)-gcc" "-p:ObjCopyName=$(cross_triple)-objcopy")
  elif ! command -v clang >/dev/null; then
    linker=(-p:CppCompilerAndLinker=gcc)
  fi
  if [[ -n $native_sysroot ]]; then
    linker+=("-p:SysRoot=$native_sysroot" "-p:SysRootTriple=$(gcc -dumpmachine)")
    # It would not link again only because the C library is another one.
    rm -f "$root/src/BundleCopier.Cli/bin/Release/net10.0/$runtime/native/bundlecopy"
  fi
  rm -rf "$root"/artifacts/publish.* # left by a killed build; we have the lock
  target=$(mktemp -d "$root/artifacts/publish.XXXXXX") || return
  say "${0##*/}: compiling the native program for $runtime; this takes a minute or two, once ..."
  "$dotnet" publish "$root/src/BundleCopier.Cli" -c Release -r "$runtime" -o "$target" \
    --nologo -tl:off -v quiet "${linker[@]}" </dev/null >"$native_log" 2>&1 || status=$?
  # By rename: a copy that runs now keeps its program, and the next one gets a complete file.
  [[ $status -ne 0 ]] || mv -f "$target/bundlecopy" "$native" || status=$?
  rm -rf "$target"
  return "$status"
}

# Sets $program to the command that runs this checkout's bundlecopy: the native program if it can be made, else the
# managed one.
# shellcheck disable=SC2034 # scripts that source this file use it
choose_program() {
  program=("$native")
  is_fresh "$native" "${program_sources[@]}" && return
  find_dotnet
  local reason attempt
  reason=$(lacks_for_native)
  if [[ -z $reason ]]; then
    # A build that failed with these sources fails again; do not spend a minute on it.
    attempt="$(fingerprint "${program_sources[@]}") $(command -v clang gcc || true)"
    if [[ ! -f $native.failed-from || $(<"$native.failed-from") != "$attempt" ]]; then
      # After Ctrl-C dotnet ends with an exit code as after a failure; stop then, do not go on with the managed
      # program.
      [[ -n $(trap -p INT) ]] || trap 'exit 130' INT
      publish_native --if-stale && rm -f "$native.failed-from" && return
      { printf '%s' "$attempt" >"$native.failed-from"; } 2>/dev/null || true # the checkout may be read-only
    fi
    reason="the native one could not be made (${native_log#"$root"/} says why; scripts/publish tries again)"
  fi
  say "${0##*/}: running the managed program, which starts more slowly: $reason"
  ensure_cli_built
  program=("$dotnet" exec "$cli")
}

# Where the project lives, from the git remote "origin": https://github.com/OWNER/NAME; empty if it is not on GitHub.
project_address() {
  git -C "$root" remote get-url origin 2>/dev/null |
    sed -nE 's#^(https://|git@|ssh://git@)github\.com[:/]([^/]+/[^/]+)$#https://github.com/\2#; s#\.git$##; /^https/p'
}

# The version of the native program: 0.2.0, or 0.2.1-alpha.0.7 seven commits after the tag v0.2.0.
program_version() { "$native" --version | grep -oE -m 1 '[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?'; }

# Packages of one commit are the same at any time of day.
commit_time() { git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s; }

# The oldest version of glibc that has all that the native program takes from it.
needed_glibc() { objdump -T "$native" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1 | cut -d_ -f2; }

# What the .NET runtime in the native program contains in its turn.
runtime_notices() {
  local folder
  folder=$("$dotnet" nuget locals global-packages --list)
  find "${folder#*: }runtime.linux-$(own_arch).microsoft.dotnet.ilcompiler" -name THIRD-PARTY-NOTICES.TXT |
    sort -V | tail -n 1
}

# For scripts that need the native program.
ensure_published() { # [--if-stale]
  publish_native "$@" && return
  [[ ! -f $native_log ]] || cat "$native_log" >&2
  die 4 "the native program could not be made; see above"
}

benchmarks=$root/tests/BundleCopier.Benchmarks/bin/Release/net10.0/BundleCopier.Benchmarks.dll

ensure_benchmarks_built() {
  local project=$root/tests/BundleCopier.Benchmarks/BundleCopier.Benchmarks.csproj
  build --if-stale "$project" "$benchmarks" tests/BundleCopier.Benchmarks || die 4 "the build failed; see above"
}

# Kills all processes of a group and waits for their end: a process in a system call takes a moment.
end_group() { # PGID
  kill -KILL -- "-$1" 2>/dev/null || return 0
  local _
  for _ in {1..100}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
}

# Resources of a benchmark, which it frees at its end, also after a failure or Ctrl-C: a directory in /dev/shm, a
# directory on a disk with the programs in C, and a process group for the measured program.
shm='' disk='' tools='' group=''

clean_up_at_end() {
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clean_up() {
  local status=$?
  trap '' INT TERM HUP
  [[ -z $group ]] || { say "${0##*/}: stopping and cleaning up ..." && end_benchmark; }
  [[ -z $shm ]] || rm -rf "$shm"
  [[ -z $disk ]] || rm -rf "$disk"
  exit "$status"
}

take_places() { # DIRECTORY_ON_DISK
  shm=$(mktemp -d /dev/shm/bundlecopy-bench.XXXXXX)
  disk=$(mktemp -d "$1/bundlecopy-bench.XXXXXX")
  tools=$disk/tools
  mkdir "$tools"
}

compile_tools() { # NAME...
  local tool
  for tool in "$@"; do
    gcc -O2 -Wall -Wextra -o "$tools/$tool" "$root/tests/BundleCopier.Benchmarks/c/$tool.c" ||
      die 4 "$tool.c does not compile"
  done
}

# Runs COMMAND and exits with its status if it fails. COMMAND gets a process group of its own, so one kill ends all its
# children, also after COMMAND itself was killed.
run_in_group() { # COMMAND...
  local status=0
  set -m
  "$@" </dev/null &
  group=$!
  set +m
  wait "$group" || status=$?
  end_benchmark
  [[ $status -eq 0 ]] || exit "$status"
}

end_benchmark() {
  { end_group "$group" && wait "$group"; } 2>/dev/null || true # hides the message of bash about the killed job
  group=''
}
